import type { Report } from "../check/report.ts";
import type { Finding } from "../findings/finding.ts";
import type { Shell } from "../program.ts";
import type { FormatOptions } from "./formats.ts";

/** For people at a terminal. */
export const humanReport = (report: Report, { shell }: FormatOptions): string =>
  `${renderFindings(report.findings, shell)}${report.verdict}\n`;

export const renderFindings = (
  findings: readonly Finding[],
  _shell: Pick<Shell, "isTerminal" | "width" | "env">,
): string =>
  findings
    .map(({ severity, code, message, locations, details, remedy }) =>
      [
        `${severity} ${code}: ${message}`,
        ...locations.map(
          ({ path, line, column, side }) => `    at ${path}:${line}:${column}${side === "base" ? " (base)" : ""}`,
        ),
        ...details.map((detail) => `    ${detail}`),
        `    → ${remedy}`,
        "",
      ].join("\n"),
    )
    .join("\n");
