import type { JudgedFinding } from "../approvals/approvals.ts";
import type { Report } from "../check/report.ts";
import { CATALOGUE, type FindingCode } from "../findings/catalogue.ts";
import type { Location } from "../findings/finding.ts";
import type { FormatOptions } from "./formats.ts";
import { jsonText } from "./json.ts";
import { concerned, isApprovable, reasonOf, skippedSentences, VERDICT_WORDS } from "./summary.ts";
import { placeWithSide, plain, plainLines, uriOf } from "./text.ts";

/** SARIF 2.1.0: one run, with the rules that were broken, for code scanning and editors. */
export const sarifReport = (report: Report, options: FormatOptions): string => {
  const codes = [...new Set(report.findings.map(({ code }) => code))].sort();
  const ruleIndex = new Map(codes.map((code, index) => [code, index]));
  return jsonText({
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "supergraph-schema", rules: codes.map(ruleOf) } },
        automationDetails: { id: "supergraph-schema/check/" },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: {
          [ROOTS.head]: { description: { text: `The repository's root, as proposed: ${plain(report.head)}.` } },
          ...(report.base === null
            ? {}
            : {
                [ROOTS.base]: {
                  description: { text: `The root of what it was compared with: ${plain(report.base)}.` },
                },
              }),
        },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: skippedSentences(report).map((skipped) => ({
              level: "note",
              message: { text: messageText(`Skipped ${skipped}.`) },
            })),
          },
        ],
        results: report.findings.map((one) => resultOf(one, ruleIndex.get(one.code) ?? -1, report.base, options)),
        properties: {
          verdict: report.verdict,
          summary: `${VERDICT_WORDS[report.verdict]}: ${reasonOf(report)}`,
          base: report.base,
          counts: report.counts,
        },
      },
    ],
  });
};

const LEVELS = { error: "error", warning: "warning", info: "note" } as const;

const ROOTS = { head: "SRCROOT", base: "BASEROOT" } as const;

const ruleOf = (code: FindingCode): object => {
  const { stage, severity, title, meaning, remedy } = CATALOGUE[code];
  return {
    id: code,
    name: code
      .toLowerCase()
      .split("_")
      .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
      .join(""),
    shortDescription: { text: messageText(title) },
    fullDescription: { text: messageText(meaning) },
    help: { text: messageText(remedy === "" ? meaning : remedy) },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ["graphql", `schema-${stage}`] },
  };
};

const resultOf = (
  one: JudgedFinding,
  ruleIndex: number,
  base: string | null,
  { owners, configPath = "supergraph.yaml" }: FormatOptions,
): object => {
  // What is proposed can be annotated, the base can not.
  const first = one.locations.find(({ side }) => side === "head") ?? one.locations[0];
  const others = one.locations.filter((location) => location !== first);
  return {
    ruleId: one.code,
    ruleIndex,
    level: LEVELS[one.severity],
    message: { text: textOf(one, first, base, owners) },
    locations: [
      {
        // Code scanning refuses a result that has no place.
        physicalLocation: first
          ? physicalOf(first)
          : physicalOf({ path: configPath, line: 1, column: 1, side: "head" }),
        ...(one.coordinate === null ? {} : { logicalLocations: [{ fullyQualifiedName: one.coordinate }] }),
      },
    ],
    relatedLocations: others.map((location, index) => ({
      id: index + 1,
      physicalLocation: physicalOf(location),
      message: { text: placeWithSide(location, base) },
    })),
    partialFingerprints: {
      "supergraphFinding/v1": one.fingerprint,
      // By which code scanning knows an alert again; by itself it would take a hash of the line, which a base's has not.
      primaryLocationLineHash: `${one.fingerprint}:1`,
    },
    suppressions: one.approval
      ? [
          {
            kind: "external",
            status: "accepted",
            justification: one.approval.reason,
            location: { physicalLocation: physicalOf(one.approval.location) },
            properties: { approver: one.approval.approver, expires: one.approval.expires },
          },
        ]
      : [],
    properties: { coordinate: one.coordinate, subgraphs: one.subgraphs, approvable: isApprovable(one) },
  };
};

const textOf = (
  one: JudgedFinding,
  first: Location | undefined,
  base: string | null,
  owners: FormatOptions["owners"],
): string =>
  messageText(
    [
      ...plainLines(one.message),
      ...(first?.side === "base" ? [`at ${placeWithSide(first, base)}`] : []),
      ...one.details.flatMap((detail) => plainLines(detail)).map((detail) => `- ${detail}`),
      ...(plain(one.remedy) === "" ? [] : [`→ ${plain(one.remedy)}`]),
      ...(one.subgraphs.length === 0 ? [] : [`Subgraphs: ${concerned(one, owners).join(", ")}`]),
    ].join("\n"),
  );

/** Viewers make links of `[text](address)`. */
const messageText = (text: string): string => text.replaceAll("](", "] (");

const physicalOf = ({ path, line, column, side }: Location): object => ({
  artifactLocation: { uri: uriOf(path), uriBaseId: ROOTS[side] },
  region: { startLine: line, startColumn: column },
});
