import { describe, expect, it } from "vitest";
import { finding } from "../findings/finding.ts";
import { renderReport } from "./formats.ts";
import type { JsonReport } from "./json.ts";
import { approvalOf, aReport, hint, hostileFindings, notice, options, removedField } from "./testing/reports.ts";

const parsed = (...of: Parameters<typeof aReport>): JsonReport =>
  JSON.parse(renderReport(aReport(...of), "json", options()));

describe("a report, for tools", () => {
  it("has the version of its shape, the verdict, and what the command ends with", () => {
    expect(parsed([removedField()])).toMatchObject({
      version: 1,
      verdict: "blocked",
      exitCode: 1,
      head: "working tree",
      base: "git:origin/main",
      counts: { error: 1, warning: 0, info: 0, approved: 0 },
      isComplete: true,
      lookedAt: { subgraphs: 4, types: 83, operations: 18, clients: 2 },
      skipped: [],
      timings: { compose: 210.4, api: 12.5 },
    });
  });

  it("has all that is known of a finding", () => {
    const report = aReport([removedField()]);
    expect(parsed([removedField()]).findings).toEqual([
      {
        fingerprint: report.findings[0]?.fingerprint,
        code: "API_FIELD_REMOVED",
        stage: "api",
        severity: "error",
        coordinate: "Product.price",
        subgraphs: [{ name: "products", owner: "@catalog-team" }],
        message: "Product.price was removed.",
        details: ["storefront/ProductPage is affected"],
        remedy: "Keep it and mark it `@deprecated`.",
        locations: [{ path: "subgraphs/products/schema.graphql", line: 12, column: 3, side: "base" }],
        approvable: true,
        approval: null,
      },
    ]);
  });

  it("says who approved, until when and why", () => {
    const { findings, verdict } = parsed([removedField()], { approvals: [approvalOf(removedField())] });
    expect(verdict).toBe("pass");
    expect(findings[0]?.approval).toEqual({
      approver: "ada",
      reason: "No client is left.",
      expires: "2026-12-31",
      location: { path: "schema/approvals.yaml", line: 1, column: 3, side: "head" },
    });
  });

  it("explains the codes that it uses, and no others", () => {
    const { kinds } = parsed([hint(), notice(), removedField()]);
    expect(Object.keys(kinds)).toEqual(["API_FIELD_REMOVED", "COMPOSITION_HINT"]);
    expect(kinds.API_FIELD_REMOVED).toEqual({
      stage: "api",
      title: "A field was removed",
      meaning: "Operations that select it are refused as a whole, not only for this field.",
    });
  });

  it("tells what was not reached as skipped", () => {
    const { skipped, exitCode } = parsed([finding("SUBGRAPH_SYNTAX_ERROR", { message: "Syntax Error." })]);
    expect(exitCode).toBe(2);
    expect(skipped.map(({ stage }) => stage)).toEqual(["lint", "compose", "hints", "load"]);
  });

  it("loses nothing of what findings say, and gives a terminal and a log nothing to obey", () => {
    const hostile = hostileFindings();
    const text = renderReport(aReport(hostile), "json", options());
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e\u200b\u2028\u2029\ufeff]/u);
    expect(text).not.toMatch(/^\s*::|##\w*\[/m);
    const messages = new Set((JSON.parse(text) as JsonReport).findings.map(({ message }) => message));
    expect(hostile.filter(({ message }) => !messages.has(message))).toEqual([]);
  });
});

it.each([
  "json",
  "markdown",
  "github",
  "sarif",
  "junit",
] as const)("tells in %s nothing of this machine's folders, only the name of a base's file", (format) => {
  for (const folder of ["/home/ada/secret", "C:\\Users\\ada\\secret"]) {
    const base = `file:${folder}${folder.includes("\\") ? "\\" : "/"}supergraph.yaml`;
    const broken = finding("BASE_DOES_NOT_COMPOSE", { message: `${base} cannot be composed.`, details: [base] });
    const text = renderReport(aReport([broken], { base }), format, options());
    expect(text).not.toContain("secret");
    expect(text).toContain("file:supergraph.yaml");
  }
});

it("leaves a base's relative path as it was given", () => {
  expect(parsed([], { base: "file:../live/supergraph.yaml" }).base).toBe("file:../live/supergraph.yaml");
});
