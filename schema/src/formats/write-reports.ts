import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import type { Report } from "../check/report.ts";
import { writeWhole } from "../write-whole.ts";
import { FORMATS, type Format, type FormatOptions, isFormat, renderReport } from "./formats.ts";

/** A report that goes into a file, beside what is said. */
export interface ReportFile {
  readonly format: Format;
  /** Absolute. */
  readonly path: string;
}

/**
 * Parses what one `--write <format>=<path>` has, and adds it to those before it.
 * @throws InvalidArgumentError
 */
export const addReportFile = (text: string, before: readonly ReportFile[] = []): readonly ReportFile[] => {
  const [, format = "", name = ""] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  if (!isFormat(format))
    throw new InvalidArgumentError(
      `Expected <format>=<path>, such as sarif=schema.sarif; formats are ${Object.keys(FORMATS).join(", ")}.`,
    );
  const path = resolve(name);
  if (before.some((one) => one.path === path)) throw new InvalidArgumentError(`${name} is written twice.`);
  return [...before, { format, path }];
};

/**
 * Writes all of the reports or none. Files have no colour, wherever the command runs.
 * @throws UsageError when one cannot be written.
 */
export const writeReports = async (
  report: Report,
  files: readonly ReportFile[],
  options: FormatOptions,
): Promise<void> => {
  const { FORCE_COLOR: _, ...env } = options.shell.env;
  const shell = { isTerminal: false, width: FILE_WIDTH, env };
  await writeWhole(
    files.map(({ format, path }) => ({ path, text: renderReport(report, format, { ...options, shell }) })),
    "A report",
  );
};

const FILE_WIDTH = 100;
