import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { CATALOGUE } from "../findings/catalogue.ts";
import { finding } from "../findings/finding.ts";
import { sarifReport } from "./sarif.ts";
import {
  approvalOf,
  aReport,
  at,
  findingsOfEveryCode,
  hint,
  hostileFindings,
  notice,
  options,
  removedField,
} from "./testing/reports.ts";

const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats.default(ajv);
const schema: object = JSON.parse(readFileSync(new URL("./testing/sarif-2.1.0.schema.json", import.meta.url), "utf8"));
const isSarif = ajv.compile(schema);

// biome-ignore lint/suspicious/noExplicitAny: its shape is what the schema says
const sarif = (...of: Parameters<typeof aReport>): any => {
  const log: unknown = JSON.parse(sarifReport(aReport(...of), options()));
  isSarif(log);
  expect(isSarif.errors ?? []).toEqual([]);
  return log;
};

describe("SARIF", () => {
  it("is valid for findings of every code, with places, places of the base, and none", () => {
    const [run] = sarif(findingsOfEveryCode()).runs;
    expect(run.results).toHaveLength(Object.keys(CATALOGUE).length * 3);
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(Object.keys(CATALOGUE).sort());
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
  });

  it("is valid without findings, without a base, and with skipped stages", () => {
    expect(sarif([]).runs[0].results).toEqual([]);
    const facts = {
      ...aReport([]).facts,
      skipped: [{ stage: "api" as const, because: "there is no base to compare with" }],
    };
    const [run] = sarif([], { base: null, facts }).runs;
    expect(run.originalUriBaseIds.BASEROOT).toBeUndefined();
    expect(run.invocations[0].toolExecutionNotifications[0].message.text).toBe(
      "Skipped api: there is no base to compare with.",
    );
  });

  it("is not whatever one likes: the schema refuses what is no SARIF", () => {
    const log = sarif([removedField()]);
    log.runs[0].results[0].level = "fatal";
    expect(isSarif(log)).toBe(false);
  });

  it("has levels, places relative to their root, and further places as related ones", () => {
    const { results } = sarif([removedField(), hint(), notice()]).runs[0];
    expect(results.map(({ level }: { level: string }) => level)).toEqual(["error", "warning", "note"]);
    expect(results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: "subgraphs/products/schema.graphql", uriBaseId: "BASEROOT" },
      region: { startLine: 12, startColumn: 3 },
    });
    expect(results[0].message.text).toContain("at subgraphs/products/schema.graphql:12:3 (base: git:origin/main)");
    expect(results[1].locations[0].physicalLocation.artifactLocation.uriBaseId).toBe("SRCROOT");
    expect(results[1].relatedLocations[0]).toMatchObject({
      id: 1,
      physicalLocation: { artifactLocation: { uri: "subgraphs/payments/schema.graphql", uriBaseId: "SRCROOT" } },
      message: { text: "subgraphs/payments/schema.graphql:9:5" },
    });
  });

  it("shows what has no place at the graph's configuration, since code scanning refuses it otherwise", () => {
    const { results } = sarif([notice()]).runs[0];
    expect(results[0].locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: "schema/supergraph.yaml", uriBaseId: "SRCROOT" },
          region: { startLine: 1, startColumn: 1 },
        },
      },
    ]);
  });

  it("knows a finding again by its fingerprint when its lines move", () => {
    const here = sarif([hint()]).runs[0].results[0].partialFingerprints;
    const moved = sarif([hint({ locations: [at("subgraphs/orders/schema.graphql:99:9")] })]).runs[0].results[0];
    expect(moved.partialFingerprints).toEqual(here);
    expect(here["supergraphFinding/v1"]).toMatch(/^[0-9a-f]{12}$/);
  });

  it("suppresses what is approved, with the reason, and nothing else", () => {
    const { results } = sarif([removedField(), hint()], { approvals: [approvalOf(removedField())] }).runs[0];
    expect(results[0].suppressions).toEqual([]);
    expect(results[1].suppressions).toMatchObject([
      { kind: "external", status: "accepted", justification: "No client is left.", properties: { approver: "ada" } },
    ]);
  });

  it("explains its rules", () => {
    const { rules } = sarif([removedField(), finding("SATISFIABILITY_ERROR", { message: "x" })]).runs[0].tool.driver;
    expect(rules[0]).toMatchObject({
      id: "API_FIELD_REMOVED",
      name: "ApiFieldRemoved",
      shortDescription: { text: "A field was removed" },
      defaultConfiguration: { level: "error" },
    });
    for (const { help, fullDescription } of rules) expect([help.text, fullDescription.text]).not.toContain("");
  });

  it("is valid and harmless, whatever findings say", () => {
    const report = aReport(hostileFindings(), { base: "git:\u001b[2J", approvals: [] });
    const text = sarifReport(report, options());
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e\u200b\u2028\u2029]/u);
    expect(text).not.toMatch(/^\s*::|##\w*\[/m);
    const [run] = sarif(hostileFindings()).runs;
    // biome-ignore lint/suspicious/noExplicitAny: its shape is what the schema says
    const messages = run.results.map((result: any) => result.message.text).join("\n");
    expect(messages).not.toContain("](");
    expect(messages.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});
