import { type Approval, judge } from "../../approvals/approvals.ts";
import { countsOf, inOrder, type Report, verdictOf } from "../../check/report.ts";
import { CATALOGUE, type FindingCode } from "../../findings/catalogue.ts";
import { type Finding, finding, fingerprintOf, type Location } from "../../findings/finding.ts";
import type { FormatOptions } from "../formats.ts";

export const at = (place: string, side: Location["side"] = "head"): Location => {
  const [path = "", line, column] = place.split(":");
  return { path, line: Number(line), column: Number(column), side };
};

/** An error of the API, in the file of the base. */
export const removedField = (facts: Partial<Finding> = {}): Finding =>
  finding("API_FIELD_REMOVED", {
    message: "Product.price was removed.",
    coordinate: "Product.price",
    subgraphs: ["products"],
    locations: [at("subgraphs/products/schema.graphql:12:3", "base")],
    details: ["storefront/ProductPage is affected"],
    remedy: "Keep it and mark it `@deprecated`.",
    ...facts,
  });

/** A warning, in the file that is proposed. */
export const hint = (facts: Partial<Finding> = {}): Finding =>
  finding("COMPOSITION_HINT", {
    message: "NEW_HINT: Order.total is not the same everywhere.",
    coordinate: "Order.total",
    subgraphs: ["orders", "payments"],
    locations: [at("subgraphs/orders/schema.graphql:7:5"), at("subgraphs/payments/schema.graphql:9:5")],
    ...facts,
  });

export const notice = (facts: Partial<Finding> = {}): Finding =>
  hint({ severity: "info", coordinate: null, locations: [], ...facts });

/** Of each code there is, with places, with those of the base, and without any. */
export const findingsOfEveryCode = (): Finding[] =>
  (Object.keys(CATALOGUE) as FindingCode[]).flatMap((code) => [
    finding(code, {
      message: `${code} here.`,
      coordinate: "Query.products(first:)",
      locations: [at("a b/ä.graphql:1:2"), at("c:3:4", "base")],
    }),
    finding(code, { message: `${code} gone.`, subgraphs: ["products"], locations: [at("c.graphql:3:4", "base")] }),
    finding(code, { message: `${code} nowhere.`, details: ["one", "two"] }),
  ]);

export const approvalOf = (one: Finding, facts: Partial<Approval> = {}): Approval => ({
  fingerprint: fingerprintOf(one),
  code: one.code,
  coordinate: one.coordinate,
  reason: "No client is left.",
  approver: "ada",
  expires: "2026-12-31",
  location: at("schema/approvals.yaml:1:3"),
  ...facts,
});

/** Judged and counted as a check does it. */
export const aReport = (
  findings: readonly Finding[],
  { approvals = [], ...facts }: Partial<Omit<Report, "findings">> & { readonly approvals?: readonly Approval[] } = {},
): Report => {
  const judged = inOrder(judge(findings, approvals, { now: new Date("2026-06-01T12:00:00Z"), isComplete: true }));
  return {
    verdict: verdictOf(judged),
    head: "working tree",
    base: "git:origin/main",
    findings: judged,
    counts: countsOf(judged),
    isComplete: true,
    facts: { subgraphs: 4, types: 83, operations: 18, clients: 2, skipped: [] },
    timings: { compose: 210.44, api: 12.5 },
    ...facts,
  };
};

/** No terminal, 100 wide. */
export const options = (
  facts: Partial<FormatOptions> & { readonly env?: FormatOptions["shell"]["env"] } = {},
): FormatOptions => ({
  shell: { isTerminal: false, width: 100, env: facts.env ?? {} },
  owners: { products: "@catalog-team" },
  configPath: "schema/supergraph.yaml",
  ...facts,
});

/** What nobody should be able to do by the name of a type or by a description. */
export const HOSTILE = [
  "\u001b[2J\u001b]8;;http://evil.test\u0007click\u001b]8;;\u0007 \u009b31m red \u0007\b\b",
  "]]> <![CDATA[ <script>alert(1)</script> &amp; \"' \u0000\u000b\uffff\ud800",
  "first\n::set-output name=x::y\r\n  ::error::owned\r##[add-mask]x\n##vso[task.setvariable variable=x]y",
  "@everyone #1 GH-2 <img src=x onerror=alert(1)> ![](http://evil.test/x.png) [a](javascript:x) <!-- | `` ` **b** </details>",
  "\u202egnitset\u202c a\u200bb\u2028c\u2029d\u0085e \u{e0041} 100%0A,x:y",
] as const;

export const hostileFindings = (): Finding[] =>
  HOSTILE.flatMap((text) => [
    removedField({
      message: text,
      coordinate: text,
      subgraphs: [text],
      details: [text, text],
      remedy: text,
      locations: [at("a.graphql:1:1"), { path: text, line: 1, column: 1, side: "base" }],
    }),
    hint({ message: text, locations: [{ path: text, line: 2, column: 2, side: "head" }] }),
  ]);

/** How a report of each format begins. */
export const MARKS_OF_FORMATS = {
  human: /^\n(Information|Warnings|Errors) \(\d+\)\n/,
  json: /^\{\n {2}"version": 1,/,
  markdown: /^<!-- supergraph-schema-check -->\n/,
  github: /^::error /,
  sarif: /^\{\n {2}"\$schema": "https:\/\/docs\.oasis-open\.org\/sarif\//,
  junit: /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites /,
} as const;
