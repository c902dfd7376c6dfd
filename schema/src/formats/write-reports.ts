import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import type { Report } from "../check/report.ts";
import { UsageError } from "../usage-error.ts";
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
 * Writes all of the reports or none: only when each stands beside its place are they put there. Files have no colour, wherever the
 * command runs.
 * @throws UsageError when one cannot be written.
 */
export const writeReports = async (
  report: Report,
  files: readonly ReportFile[],
  options: FormatOptions,
): Promise<void> => {
  const { FORCE_COLOR: _, ...env } = options.shell.env;
  const unfinished = files.map(({ format, path }) => ({
    path,
    beside: `${path}.${process.pid}.tmp`,
    text: renderReport(report, format, { ...options, shell: { isTerminal: false, width: FILE_WIDTH, env } }),
  }));
  try {
    for (const { path, beside, text } of unfinished) {
      await mkdir(dirname(path), { recursive: true });
      if ((await stat(path).catch(() => null))?.isDirectory()) throw new Error(`${path} is a folder`);
      await writeFile(beside, text);
    }
    for (const { path, beside } of unfinished) await rename(beside, path);
  } catch (error) {
    await Promise.all(unfinished.map(({ beside }) => rm(beside, { force: true })));
    throw new UsageError(`A report cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const FILE_WIDTH = 100;
