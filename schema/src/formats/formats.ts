import { isAbsolute, posix, win32 } from "node:path";
import type { Report } from "../check/report.ts";
import type { Shell } from "../program.ts";
import { githubReport } from "./github.ts";
import { humanReport } from "./human.ts";
import { jsonReport } from "./json.ts";
import { junitReport } from "./junit.ts";
import { markdownReport } from "./markdown.ts";
import { sarifReport } from "./sarif.ts";

export interface FormatOptions {
  readonly shell: Pick<Shell, "isTerminal" | "width" | "env">;
  /** Whom to ask: by the name of a subgraph or a client. */
  readonly owners: Readonly<Record<string, string>>;
  /** Of the `supergraph.yaml`, relative to the repository's root: what has no place of its own is shown there if it must have one. */
  readonly configPath?: string;
}

type Render = (report: Report, options: FormatOptions) => string;

/** By the name that `--format` has for them. Each ends with a line break. */
export const FORMATS = {
  human: humanReport,
  json: jsonReport,
  markdown: markdownReport,
  github: githubReport,
  sarif: sarifReport,
  junit: junitReport,
} satisfies Record<string, Render>;

export type Format = keyof typeof FORMATS;

export const isFormat = (name: string): name is Format => Object.hasOwn(FORMATS, name);

export const renderReport = (report: Report, format: Format, options: FormatOptions): string =>
  (FORMATS[format] as Render)(format === "human" ? report : portable(report), options);

/** What leaves the machine tells nothing of its folders: of a base at an absolute path the name of its file. */
const portable = (report: Report): Report => {
  const [, path] = /^file:(.+)$/s.exec(report.base ?? "") ?? [];
  if (path === undefined || !(isAbsolute(path) || win32.isAbsolute(path))) return report;
  const name = `file:${posix.basename(win32.basename(path))}`;
  const without = (text: string): string => text.replaceAll(`file:${path}`, name);
  return {
    ...report,
    base: name,
    findings: report.findings.map((one) => ({
      ...one,
      message: without(one.message),
      details: one.details.map(without),
      remedy: without(one.remedy),
    })),
    facts: {
      ...report.facts,
      skipped: report.facts.skipped.map((one) => ({ ...one, because: without(one.because) })),
    },
  };
};
