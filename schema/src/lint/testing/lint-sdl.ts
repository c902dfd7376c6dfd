import type { z } from "zod";
import { CheckSettings } from "../../check/config.ts";
import { parseSubgraphs } from "../../composition/compose.ts";
import type { Finding } from "../../findings/finding.ts";
import { indexDefinitions } from "../../revisions/definitions.ts";
import { lintFindings } from "../lint.ts";
import type { LintCode } from "../rule.ts";
import type { LintSettings } from "../settings.ts";

/** Lints subgraphs by their names, each in a file `<name>.graphql`; gives what was found of `codes`. */
export const lintSdl = (
  sdls: Readonly<Record<string, string>>,
  codes: readonly LintCode[],
  settings: z.input<typeof LintSettings> = {},
): Finding[] => {
  const parsed = parseSubgraphs(
    Object.entries(sdls).map(([name, sdl]) => ({ name, url: "http://localhost", path: `${name}.graphql`, sdl })),
  );
  if (parsed.kind === "failed") throw new Error(JSON.stringify(parsed.errors));
  const definitions = indexDefinitions(parsed.subgraphs, "head");
  const findings = lintFindings(parsed.subgraphs, definitions, CheckSettings.parse({ lint: settings }));
  return findings.filter(({ code }) => codes.some((wanted) => wanted === code));
};

/** `CODE coordinate places`, such as `LINT_FIELD_NAME Product.Price products.graphql:2:3`. */
export const brief = (findings: readonly Finding[]): string[] =>
  findings.map(
    ({ code, coordinate, locations }) =>
      `${code} ${coordinate} ${locations.map(({ path, line, column }) => `${path}:${line}:${column}`).join(" ")}`,
  );

/** A subgraph of federation 2 on its first line, so that `body` begins on the second. */
export const federated = (
  body: string,
  imports = '"@key", "@external", "@shareable", "@inaccessible", "@interfaceObject"',
) => `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])\n${body}`;
