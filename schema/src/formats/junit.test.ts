import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { validateXML } from "xmllint-wasm";
import { finding } from "../findings/finding.ts";
import { STAGES } from "../findings/stages.ts";
import { junitReport } from "./junit.ts";
import {
  approvalOf,
  aReport,
  findingsOfEveryCode,
  hint,
  hostileFindings,
  notice,
  options,
  removedField,
} from "./testing/reports.ts";

const xsd = readFileSync(new URL("./testing/jenkins-junit.xsd", import.meta.url), "utf8");

const problemsOf = async (...reports: string[]): Promise<string[]> => {
  const { errors } = await validateXML({
    xml: reports.map((contents, at) => ({ fileName: `report-${at}.xml`, contents })),
    schema: [{ fileName: "jenkins-junit.xsd", contents: xsd }],
    initialMemoryPages: 512,
    maxMemoryPages: 2048,
  });
  return errors.map(({ message }) => message);
};

const draw = (...of: Parameters<typeof aReport>): string => junitReport(aReport(...of), options());

/** The suite of a stage, as text. */
const suiteOf = (xml: string, stage: string): string =>
  new RegExp(`<testsuite name="${stage}"[\\s\\S]*?</testsuite>`).exec(xml)?.[0] ?? "";

/** The validator is started anew for each validation. */
const VALIDATING = { timeout: 60_000 };

describe("JUnit", VALIDATING, () => {
  it("is valid for findings of every code, with places, places of the base, and none", async () => {
    expect(await problemsOf(draw(findingsOfEveryCode()))).toEqual([]);
  });

  it("is valid without findings, broken, approved, and with skipped stages", async () => {
    const facts = { ...aReport([]).facts, skipped: [{ stage: "api" as const, because: "there is no base" }] };
    expect(
      await problemsOf(
        draw([]),
        draw([], { base: null, facts }),
        draw([finding("SUBGRAPH_SYNTAX_ERROR", { message: "Syntax Error." })]),
        draw([removedField()], { approvals: [approvalOf(removedField())] }),
      ),
    ).toEqual([]);
  });

  it("is not whatever one likes: the schema refuses what is no JUnit", async () => {
    expect(await problemsOf(draw([]).replace(' name="parse"', ""))).toHaveLength(1);
  });

  it("has a suite for each stage, and a passing case where nothing was found", () => {
    const xml = draw([]);
    expect([...xml.matchAll(/<testsuite name="(\w+)"/g)].map(([, stage]) => stage)).toEqual([...STAGES]);
    expect(xml).toContain(
      `<testsuites name="schema check" tests="${STAGES.length}" failures="0" errors="0" time="0.223">`,
    );
    expect(suiteOf(xml, "compose")).toContain('<testcase name="no findings" classname="schema.compose" time="0.210"/>');
  });

  it("fails a case for each error, and lets warnings and notices tell in their output", () => {
    const xml = draw([removedField(), hint(), notice()]);
    expect(suiteOf(xml, "api")).toMatch(
      /^<testsuite name="api" tests="1" failures="1" [^>]*><testcase name="API_FIELD_REMOVED Product\.price \([0-9a-f]{12}\)" classname="schema\.api" time="0"><failure type="API_FIELD_REMOVED" message="Product\.price was removed\.">/,
    );
    expect(suiteOf(xml, "hints")).toContain('tests="2" failures="0"');
    expect(suiteOf(xml, "hints")).toContain("<system-out>warning: NEW_HINT: Order.total is not the same everywhere.");
    expect(suiteOf(xml, "hints")).toContain("<system-out>info: NEW_HINT");
  });

  it("passes what is approved, and says by whom", () => {
    const xml = draw([removedField()], { approvals: [approvalOf(removedField())] });
    expect(xml).not.toContain("<failure");
    expect(suiteOf(xml, "api")).toContain("Approved by ada until 2026-12-31: No client is left.");
  });

  it("passes no stage that was not run or not reached", () => {
    const broken = finding("SATISFIABILITY_ERROR", { message: "User.email cannot be reached." });
    const facts = { ...aReport([]).facts, skipped: [{ stage: "api" as const, because: "there is a < in it" }] };
    const xml = draw([broken], { facts, timings: {} });
    for (const [stage, because] of [
      ["hints", "the subgraphs do not compose"],
      ["load", "the subgraphs do not compose"],
      ["api", "there is a &lt; in it"],
    ] as const)
      expect(suiteOf(xml, stage)).toContain(
        `skipped="1" time="0.000"><testcase name="not run" classname="schema.${stage}" time="0.000"><skipped>${because}</skipped>`,
      );
    expect(suiteOf(xml, "compose")).toContain("<failure");
  });

  it("is valid and harmless, whatever findings say", async () => {
    const xml = draw(hostileFindings(), { base: "git:]]>\u0000<x>" });
    expect(await problemsOf(xml)).toEqual([]);
    expect(xml.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e\u200b\u2028\u2029]/u);
    expect(xml).not.toMatch(/^\s*::|##\w*\[|]]>|<script/m);
  });

  it("is valid for text of any characters", async () => {
    const texts = fc.sample(fc.string({ unit: "binary", maxLength: 20 }), { numRuns: 200, seed: 20260101 });
    const findings = texts.map((text) =>
      removedField({ message: text, coordinate: text, details: [text], subgraphs: [text] }),
    );
    expect(await problemsOf(draw(findings))).toEqual([]);
  });
});
