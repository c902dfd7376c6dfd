import type { JudgedFinding } from "../approvals/approvals.ts";
import type { Report } from "../check/report.ts";
import { CATALOGUE } from "../findings/catalogue.ts";
import { STAGES, type Stage } from "../findings/stages.ts";
import type { FormatOptions } from "./formats.ts";
import { approvalSentence, concerned, isApprovable, sectionOf, skippedStages, tookOf } from "./summary.ts";
import { placeWithSide, plain, plainLines } from "./text.ts";

/** A suite for each stage, a case for each finding: what blocks has failed, all else tells in its output. */
export const junitReport = (report: Report, { owners }: FormatOptions): string => {
  const suites = STAGES.map((stage) => suiteOf(stage, report, owners));
  const sum = (count: (suite: Suite) => number): number => suites.reduce((total, suite) => total + count(suite), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    element(
      "testsuites",
      {
        name: "schema check",
        tests: `${sum(({ tests }) => tests)}`,
        failures: `${sum(({ failures }) => failures)}`,
        errors: "0",
        time: secondsOf(tookOf(report)),
      },
      suites.map(({ xml }) => xml),
    ),
    "",
  ].join("\n");
};

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly xml: string;
}

const suiteOf = (stage: Stage, report: Report, owners: FormatOptions["owners"]): Suite => {
  const findings = report.findings.filter(({ code }) => CATALOGUE[code].stage === stage);
  const skipped = skippedStages(report).find((one) => one.stage === stage);
  const failures = findings.filter((one) => sectionOf(one) === "error").length;
  const cases = findings.map((one) => caseOf(stage, one, report.base, owners));
  if (cases.length === 0)
    cases.push(
      element(
        "testcase",
        {
          name: skipped ? "not run" : "no findings",
          classname: classOf(stage),
          time: secondsOf(report.timings[stage] ?? 0),
        },
        skipped ? [element("skipped", {}, [escapeXml(plain(skipped.because))])] : [],
      ),
    );
  return {
    tests: cases.length,
    failures,
    xml: element(
      "testsuite",
      {
        name: stage,
        tests: `${cases.length}`,
        failures: `${failures}`,
        errors: "0",
        skipped: findings.length === 0 && skipped ? "1" : "0",
        time: secondsOf(report.timings[stage] ?? 0),
      },
      cases,
    ),
  };
};

const caseOf = (stage: Stage, one: JudgedFinding, base: string | null, owners: FormatOptions["owners"]): string => {
  const about = one.coordinate === null ? "" : ` ${plain(one.coordinate)}`;
  const approval = approvalSentence(one);
  const text = escapeXml(
    [
      ...plainLines(one.message),
      ...one.locations.map((location) => `at ${placeWithSide(location, base)}`),
      ...one.details.flatMap((detail) => plainLines(detail)).map((detail) => `- ${detail}`),
      ...(plain(one.remedy) === "" ? [] : [`→ ${plain(one.remedy)}`]),
      ...(approval === null ? [] : [approval]),
      ...(one.subgraphs.length === 0 ? [] : [`subgraphs: ${concerned(one, owners).join(", ")}`]),
      `fingerprint: ${one.fingerprint}${isApprovable(one) ? "" : " (cannot be approved)"}`,
    ].join("\n"),
  );
  const blocks = sectionOf(one) === "error";
  return element(
    "testcase",
    { name: `${one.code}${about} (${one.fingerprint})`, classname: classOf(stage), time: "0" },
    [
      blocks
        ? element("failure", { type: one.code, message: plain(one.message) }, [text])
        : element("system-out", {}, [escapeXml(`${one.approval ? "approved" : one.severity}: `) + text]),
    ],
  );
};

const classOf = (stage: Stage): string => `schema.${stage}`;

const secondsOf = (ms: number): string => (ms / 1000).toFixed(3);

/** `content` is XML already. */
const element = (name: string, attributes: Readonly<Record<string, string>>, content: readonly string[]): string => {
  const tag = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeXml(value)}"`)].join(" ");
  return content.length === 0 ? `<${tag}/>` : `<${tag}>${content.join("\n")}</${name}>`;
};

/** Of text whose controls are spelt out already: XML can say them in no way at all. */
const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
