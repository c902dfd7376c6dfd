import { buildSchema } from "@apollo/federation-internals";
import { describe, expect, it } from "vitest";
import { createIsOfType, readTypeRelations } from "./object-types.ts";
import { compileRewrites } from "./rewrites.ts";

const isOfType = createIsOfType(
  readTypeRelations(
    buildSchema(
      "interface Media { id: ID } type Film implements Media { id: ID } type Song implements Media { id: ID } type Query { a: Int }",
    ),
  ),
);

describe("what the planner renamed", () => {
  it.each([0, false, "", null, { x: 1 }])("gets its name back with the value %j", (value) => {
    const data = { list: [{ a__alias_0: value }] };
    compileRewrites([{ kind: "KeyRenamer", path: ["list", "a__alias_0"], renameKeyTo: "a" }], isOfType)?.(data);
    expect(data).toEqual({ list: [{ a: value }] });
  });

  it("keeps its name on other types", () => {
    const rewrite = compileRewrites(
      [{ kind: "KeyRenamer", path: ["... on Film", "a__alias_0"], renameKeyTo: "a" }],
      isOfType,
    );
    const data = [
      { __typename: "Film", a__alias_0: 1 },
      { __typename: "Song", a__alias_0: 2 },
    ];
    rewrite?.(data);
    expect(data).toEqual([
      { __typename: "Film", a: 1 },
      { __typename: "Song", a__alias_0: 2 },
    ]);
  });

  it("is set where a subgraph knows an entity by its interface", () => {
    const rewrite = compileRewrites(
      [{ kind: "ValueSetter", path: ["... on Film", "__typename"], setValueTo: "Media" }],
      isOfType,
    );
    const data = { __typename: "Film", id: "1" };
    rewrite?.(data);
    expect(data).toEqual({ __typename: "Media", id: "1" });
  });

  it("is nothing where there is no rewrite", () => {
    expect(compileRewrites(undefined, isOfType)).toBeNull();
    expect(compileRewrites([], isOfType)).toBeNull();
  });
});
