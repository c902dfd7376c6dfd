import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { check } from "../check/check.ts";
import { CheckSettings } from "../check/config.ts";
import { parseCheckConfig } from "../check/read-config.ts";
import { parseSubgraphs, type SubgraphSource } from "../composition/compose.ts";
import { LINT_KINDS } from "../findings/catalogue/lint.ts";
import { fingerprintOf } from "../findings/finding.ts";
import { indexDefinitions } from "../revisions/definitions.ts";
import { openWorkspace, readHead } from "../workspace.ts";
import { lintFindings } from "./lint.ts";
import type { LintCode } from "./rule.ts";
import { brief, federated, lintSdl } from "./testing/lint-sdl.ts";

const EVERY_CODE = Object.keys(LINT_KINDS) as LintCode[];

const checked = (sdls: Readonly<Record<string, string>>, config: unknown) => {
  const subgraphs: SubgraphSource[] = Object.entries(sdls).map(([name, sdl]) => ({
    name,
    url: "http://localhost/graphql",
    path: `${name}.graphql`,
    sdl,
  }));
  return check({
    head: {
      name: "test",
      subgraphs,
      operations: { operations: [], problems: [], traffic: null, trafficPath: "traffic.yaml" },
      events: null,
    },
    base: null,
    config: CheckSettings.parse(config),
    approvals: [],
    committed: [],
    cache: null,
    now: new Date("2026-01-31T12:00:00Z"),
  });
};

describe("linting", () => {
  it("finds nothing in the shop's subgraphs that its configuration does not exempt, and no exemption that nothing needs", async () => {
    const workspace = await openWorkspace(fileURLToPath(new URL("../../supergraph.yaml", import.meta.url)));
    const parsed = parseSubgraphs((await readHead(workspace)).subgraphs);
    if (parsed.kind === "failed") throw new Error(JSON.stringify(parsed.errors));
    const definitions = indexDefinitions(parsed.subgraphs, "head");
    expect(brief(lintFindings(parsed.subgraphs, definitions, workspace.config))).toEqual([]);
  });

  it("finds nothing in nothing", () => {
    expect(lintSdl({}, EVERY_CODE)).toEqual([]);
    expect(lintSdl({ empty: federated("") }, EVERY_CODE)).toEqual([]);
  });

  it("takes whatever parses: types that are nowhere, twice or of two kinds, and rings of interfaces and inputs", () => {
    const sdl = `type Query { a(b: Nowhere): Missing c: [[Missing]] }
type Query { a: Int }
type Ring implements Ring { a: Ring }
interface A implements B { a: A }
interface B implements A { a: B }
input Loop { a: Loop! = { a: {} } }
union Self = Self
enum Missing { A A }
type PageInfo
type XConnection { edges: [XConnection] }
schema { query: Query }
extend schema { query: Query query: Nowhere }`;
    expect(() =>
      lintSdl({ a: sdl, b: "scalar Ring\ninput Query { a: Int }\nenum PageInfo { A }" }, EVERY_CODE),
    ).not.toThrow();
  });

  it("gives a finding the same fingerprint wherever its lines have moved", () => {
    const fingerprints = (sdl: string) => lintSdl({ shop: sdl }, EVERY_CODE).map(fingerprintOf);
    const sdl = "type Query { Books(Size: Int): [Book] }\ntype Book { id: ID! }\ntype Gone { id: ID! }";
    expect(fingerprints(`\n\n# moved\n${sdl}`)).toEqual(fingerprints(sdl));
    expect(new Set(fingerprints(sdl)).size).toBe(fingerprints(sdl).length);
  });

  it("never blocks unless the configuration says so", () => {
    expect(Object.values(LINT_KINDS).filter(({ severity }) => severity === "error")).toEqual([]);
  });

  it("is part of a check, at the severities of the configuration", async () => {
    const sdl = federated("type Query { Books: Int @shareable }");
    const { verdict, findings } = await checked(
      { a: sdl, b: sdl },
      { severities: { LINT_FIELD_NAME: "error", LINT_FIELD_UNDESCRIBED: "off" } },
    );
    expect(verdict).toBe("blocked");
    expect(findings.map(({ code, severity, coordinate }) => [code, severity, coordinate])).toEqual([
      ["LINT_FIELD_NAME", "error", "Query.Books"],
    ]);
  });

  it("tells of subgraphs that do not compose, too", async () => {
    const { verdict, findings } = await checked({ a: federated("type Query { Books: Missing }") }, {});
    expect(verdict).toBe("broken");
    expect(findings.map(({ code }) => code)).toContain("LINT_FIELD_NAME");
  });
});

describe("what is found all over a graph", () => {
  const CODES = ["LINT_FIELD_NAME", "LINT_MORE_FOUND"] as const;
  const a = federated('type Query { "A." A: Int "B." B: Int "C." C: Int }');
  const b = federated('type Query { "D." D: Int "E." E: Int }');

  it("is told so often, and then counted", () => {
    const findings = lintSdl({ a, b }, CODES, { mostOfOneCode: 3 });
    expect(findings.map(({ coordinate }) => coordinate)).toEqual(["Query.A", "Query.B", "Query.C", null]);
    expect(findings.at(-1)).toMatchObject({
      code: "LINT_MORE_FOUND",
      severity: "info",
      message: "LINT_FIELD_NAME was found more often than is told.",
      details: ["2 more"],
      subgraphs: ["b"],
    });
  });

  it("is told in full up to there", () => {
    expect(lintSdl({ a, b }, CODES, { mostOfOneCode: 5 }).map(({ coordinate }) => coordinate)).toEqual([
      "Query.A",
      "Query.B",
      "Query.C",
      "Query.D",
      "Query.E",
    ]);
  });

  it("blocks as what is not told would, and is nothing where that is off", async () => {
    const lint = { mostOfOneCode: 1 };
    const severityOfRest = async (severities: Record<string, string>) =>
      (await checked({ a }, { lint, severities })).findings.find(({ code }) => code === "LINT_MORE_FOUND")?.severity;
    expect(await severityOfRest({})).toBe("info");
    expect(await severityOfRest({ LINT_FIELD_NAME: "error" })).toBe("error");
    expect(await severityOfRest({ LINT_FIELD_NAME: "off" })).toBeUndefined();
  });

  it("leaves a report that can be read of a graph in which everything is wrong", () => {
    const types = Array.from(
      { length: 150 },
      (_, type) =>
        `type T${type} { ${Array.from({ length: 100 }, (_, field) => `field_${field}: T0`).join(" ")} next: T${type + 1} }`,
    );
    const findings = lintSdl({ big: `type Query { a: T0 }\n${types.join("\n")}` }, EVERY_CODE);
    expect(findings.filter(({ code }) => code === "LINT_MORE_FOUND").map(({ details }) => details)).toEqual([
      ["14000 more"],
      ["14151 more"],
    ]);
    expect(findings.length).toBe(2152);
  });
});

describe("exemptions from lint", () => {
  const sdl = "type Query { Books(Size: Int): Int }\ntype PageInfo { Total: Int Size: Int }\ninput Line { Size: Int }";
  const NAMES = ["LINT_FIELD_NAME", "LINT_ARGUMENT_NAME", "LINT_INPUT_FIELD_NAME", "LINT_EXEMPTION_UNUSED"] as const;
  const left = (exempt: Record<string, string[]>) =>
    lintSdl({ shop: sdl }, NAMES, { exempt }).map(({ coordinate, message }) => coordinate ?? message);

  it("are by code and coordinate", () => {
    expect(left({})).toEqual(["Query.Books", "Query.Books(Size:)", "PageInfo.Total", "PageInfo.Size", "Line.Size"]);
    expect(left({ LINT_FIELD_NAME: ["PageInfo.Size"], LINT_ARGUMENT_NAME: ["Query.Books(Size:)"] })).toEqual([
      "Query.Books",
      "PageInfo.Total",
      "Line.Size",
    ]);
  });

  it("of a type are of all that is in it, and of a field of its arguments", () => {
    expect(left({ LINT_FIELD_NAME: ["PageInfo"], LINT_ARGUMENT_NAME: ["Query.Books"] })).toEqual([
      "Query.Books",
      "Line.Size",
    ]);
  });

  it("match any letters with an asterisk, and a whole name without", () => {
    expect(left({ LINT_FIELD_NAME: ["*.Size", "Page*.Tot*"] })).toEqual([
      "Query.Books",
      "Query.Books(Size:)",
      "Line.Size",
    ]);
    expect(left({ LINT_FIELD_NAME: ["*"] })).toEqual(["Query.Books(Size:)", "Line.Size"]);
    expect(left({ LINT_FIELD_NAME: ["Page"] })).toContain("PageInfo.Size");
  });

  it("that nothing needs are told", () => {
    expect(left({ LINT_FIELD_NAME: ["Query.Books", "Query.books"] })).toContain(
      "lint.exempt exempts Query.books from LINT_FIELD_NAME: it need not.",
    );
  });

  it("name a finding of lint and a coordinate", () => {
    const read = (exempt: unknown) => () => parseCheckConfig({ lint: { exempt } }, "check.config.ts");
    expect(read({ LINT_NONE: ["A"] })).toThrow("LINT_NONE is no finding of lint");
    expect(read({ ARTIFACT_STALE: ["A"] })).toThrow("ARTIFACT_STALE is no finding of lint");
    expect(read({ LINT_FIELD_NAME: ["Query books"] })).toThrow(
      "check.config.ts: lint.exempt.LINT_FIELD_NAME.0: expected a coordinate such as `Query.products` or `*.nodes`, got `Query books`",
    );
    expect(read({ LINT_FIELD_NAME: ["A", "A.b", "A.b(c:)", "@a", "@a(b:)", "*.b*"] })).not.toThrow();
  });
});
