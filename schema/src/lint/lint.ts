import type { CheckConfig } from "../check/config.ts";
import { type Finding, finding } from "../findings/finding.ts";
import { ancestorsOf, type Definitions, type ParsedSubgraph, placeOf } from "../revisions/definitions.ts";
import { readExemptions } from "./exemptions.ts";
import { type Element, joinSubgraphs, type Part } from "./graph.ts";
import type { Lint, LintCode, Report } from "./rule.ts";
import { RULES } from "./rules.ts";

/**
 * What makes the subgraphs' schemas harder to use than they have to be: one finding for each coordinate and reason, however many
 * subgraphs define it. It needs no composition, and takes whatever parses.
 */
export const lintFindings = (
  subgraphs: readonly ParsedSubgraph[],
  definitions: Definitions,
  { lint: settings, severities }: Pick<CheckConfig, "lint" | "severities">,
): Finding[] => {
  const findings: Finding[] = [];
  const exemptions = readExemptions(settings.exempt);
  const isLeaving = leavingIn(definitions);
  const tallies = new Map<LintCode, { told: number; untold: number; subgraphs: Set<string> }>();
  const report: Report = (code, element, facts, parts = resolvedParts(element), at) => {
    const { coordinate } = element;
    if (!ABOUT_DEPRECATIONS.has(code) && isLeaving(coordinate)) return;
    if (exemptions.exempts(code, coordinate)) return;
    const tally = tallies.get(code) ?? { told: 0, untold: 0, subgraphs: new Set() };
    tallies.set(code, tally);
    if (tally.told === settings.mostOfOneCode) {
      tally.untold += 1;
      for (const { subgraph } of parts) tally.subgraphs.add(subgraph);
      return;
    }
    tally.told += 1;
    const locations = parts.map((part) =>
      at ? placeOf(at(part.node), part.path, "head") : definitions.locationOf(part),
    );
    findings.push(finding(code, { ...facts, coordinate, subgraphs: parts.map(({ subgraph }) => subgraph), locations }));
  };
  lintEverything({ graph: joinSubgraphs(subgraphs), settings, report });
  for (const [code, { untold, subgraphs }] of [...tallies].sort(([one], [other]) => (one < other ? -1 : 1)))
    if (untold > 0 && severities[code] !== "off")
      findings.push(
        finding("LINT_MORE_FOUND", {
          message: `${code} was found more often than is told.`,
          details: [`${untold} more`],
          subgraphs: [...subgraphs],
          // Who approves all that is told has not approved the others.
          ...(severities[code] === "error" ? { severity: "error" as const } : {}),
        }),
      );
  for (const { code, pattern } of exemptions.unused())
    findings.push(
      finding("LINT_EXEMPTION_UNUSED", { message: `lint.exempt exempts ${pattern} from ${code}: it need not.` }),
    );
  return findings;
};

const ABOUT_DEPRECATIONS: ReadonlySet<LintCode> = new Set([
  "LINT_DEPRECATION_WITHOUT_REASON",
  "LINT_DEPRECATED_REQUIRED",
]);

/** What is deprecated, or part of it, was told enough: something better is beside it. */
const leavingIn = (definitions: Definitions): ((coordinate: string) => boolean) => {
  const deprecated = new Set<string>();
  for (const [coordinate, all] of definitions.all())
    if (all.some(({ node }) => node.directives?.some(({ name }) => name.value === "deprecated")))
      deprecated.add(coordinate);
  return (coordinate) =>
    deprecated.size > 0 &&
    (deprecated.has(coordinate) || ancestorsOf(coordinate).some((around) => deprecated.has(around)));
};

/** Where it is @external nobody can mend it. */
const resolvedParts = <Node>({ parts }: Element<Node>): readonly Part<Node>[] => {
  const resolved = parts.filter(({ isExternal }) => !isExternal);
  return resolved.length > 0 ? resolved : parts;
};

const lintEverything = (lint: Lint): void => {
  for (const rule of RULES) rule.graph?.(lint);
  for (const type of lint.graph.types.values()) {
    for (const rule of RULES) rule.type?.(type, lint);
    for (const field of type.fields.values()) {
      for (const rule of RULES) rule.field?.(field, type, lint);
      for (const argument of field.arguments.values())
        for (const rule of RULES) rule.argument?.(argument, field, type, lint);
    }
    for (const field of type.inputFields.values()) for (const rule of RULES) rule.inputField?.(field, type, lint);
    for (const value of type.values.values()) for (const rule of RULES) rule.enumValue?.(value, type, lint);
  }
  for (const directive of lint.graph.directives.values()) for (const rule of RULES) rule.directive?.(directive, lint);
};
