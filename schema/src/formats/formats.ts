import type { Report } from "../check/report.ts";
import type { Shell } from "../program.ts";
import { humanReport } from "./human.ts";
import { jsonReport } from "./json.ts";

export interface FormatOptions {
  readonly shell: Pick<Shell, "isTerminal" | "width" | "env">;
  /** Whom to ask: by the name of a subgraph or a client. */
  readonly owners: Readonly<Record<string, string>>;
}

type Render = (report: Report, options: FormatOptions) => string;

/** By the name that `--format` has for them. Each ends with a line break. */
export const FORMATS = { human: humanReport, json: jsonReport } satisfies Record<string, Render>;

export type Format = keyof typeof FORMATS;

export const renderReport = (report: Report, format: Format, options: FormatOptions): string =>
  (FORMATS[format] as Render)(report, options);
