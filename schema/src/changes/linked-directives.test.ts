import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { fieldSet, subgraphDirectives } from "./applied-directives.ts";
import { linkedDirectives } from "./linked-directives.ts";

const namesOf = (sdl: string, ...names: string[]) => {
  const linked = linkedDirectives(parse(sdl));
  return names.map((name) => linked.specified(name));
};

const FEDERATION = "https://specs.apollo.dev/federation/v2.5";

describe("the names that a subgraph gives to federation's directives", () => {
  it("are those that it imports", () => {
    expect(
      namesOf(
        `extend schema @link(url: "${FEDERATION}", import: ["@key"])`,
        "key",
        "shareable",
        "federation__shareable",
      ),
    ).toEqual(["key", null, "shareable"]);
  });

  it("are those that it renames them to, and no longer their own", () => {
    const sdl = `extend schema @link(url: "${FEDERATION}", import: [{ name: "@key", as: "@entity" }, "@tag"])`;
    expect(namesOf(sdl, "entity", "key", "federation__key", "tag")).toEqual(["key", null, null, "tag"]);
  });

  it("begin with the link's own prefix where it has one", () => {
    expect(namesOf(`extend schema @link(url: "${FEDERATION}", as: "fed")`, "fed__key", "federation__key")).toEqual([
      "key",
      null,
    ]);
  });

  it("are found where the link itself is renamed", () => {
    expect(
      namesOf(
        `extend schema @linked(url: "https://specs.apollo.dev/link/v1.0", as: "linked") @linked(url: "${FEDERATION}", import: ["@key"])`,
        "key",
      ),
    ).toEqual(["key"]);
  });

  it("may come from a specification of their own", () => {
    const sdl = `extend schema
      @link(url: "${FEDERATION}")
      @link(url: "https://specs.apollo.dev/cost/v0.1", import: [{ name: "@listSize", as: "@size" }])
      @link(url: "https://specs.apollo.dev/tag/v0.3", as: "label")`;
    expect(namesOf(sdl, "cost", "size", "listSize", "label", "tag")).toEqual(["cost", "listSize", null, "tag", null]);
  });

  it("are plain in a subgraph of federation 1, which knows no others", () => {
    expect(namesOf('type A @key(fields: "id") { id: ID }', "key", "extends", "shareable")).toEqual([
      "key",
      "extends",
      null,
    ]);
  });

  it("are never those of a team's own specification", () => {
    expect(
      namesOf(
        `extend schema @link(url: "${FEDERATION}") @link(url: "https://example.com/key/v1.0", import: ["@key"])`,
        "key",
      ),
    ).toEqual([null]);
  });

  it("come with the version of federation", () => {
    expect(linkedDirectives(parse(`extend schema @link(url: "${FEDERATION}")`)).federation).toEqual({
      major: 2,
      minor: 5,
    });
    expect(linkedDirectives(parse("type A { id: ID }")).federation).toBe(null);
  });

  it("survive links that are malformed", () => {
    expect(
      namesOf(`extend schema @link @link(url: 3, import: "@key") @link(url: "${FEDERATION}", import: [1, {}])`, "key"),
    ).toEqual([null]);
  });
});

describe("what a subgraph says by directives", () => {
  it("is told by coordinate, with its place, over all declarations of a type", () => {
    const { elements } = subgraphDirectives(
      {
        name: "a",
        url: "",
        path: "a.graphql",
        document: parse(`extend schema @link(url: "${FEDERATION}", import: ["@key", "@shareable"])
type A @key(fields: "id") { id: ID! }
extend type A @shareable { b(c: Int @federation__tag(name: "x")): Int @own }
directive @own on FIELD_DEFINITION`),
      },
      "head",
    );
    expect([...elements].map(([name, { directives }]) => [name, directives.map((one) => one.name)])).toEqual([
      ["A", ["key", "shareable"]],
      ["A.id", []],
      ["A.b", ["shareable"]],
      ["A.b(c:)", ["tag"]],
    ]);
    const [key] = elements.get("A")?.directives ?? [];
    expect(key?.place).toEqual({ path: "a.graphql", line: 2, column: 8, side: "head" });
    expect(Object.fromEntries(key?.arguments ?? [])).toEqual({ fields: "id" });
  });

  it("has field sets in one order, with their arguments and inner fields", () => {
    expect(fieldSet("sku,  brand{name id}")).toBe("brand { id name } sku");
    expect(fieldSet("brand { id name } sku")).toBe("brand { id name } sku");
    expect(fieldSet("price(in: EUR) id")).toBe("id price(in: EUR)");
    expect(fieldSet("{ broken")).toBe("{ broken");
  });
});
