import type { QueryPlanSelectionNode } from "@apollo/query-planner";
import { describe, expect, it } from "vitest";
import type { Ownership, TypePart } from "../composition/ownership.ts";
import { planTreeOf, stepsOf } from "./plan-tree.ts";

const ownershipOf = (part: Omit<TypePart, "subgraph">): Ownership => ({
  subgraphs: [],
  types: new Map([
    [
      "Book",
      { name: "Book", shape: "object", isEntity: true, isRoot: false, home: "b", parts: [{ subgraph: "b", ...part }] },
    ],
  ]),
});

const field = (name: string, ...selections: QueryPlanSelectionNode[]): QueryPlanSelectionNode => ({
  kind: "Field",
  name,
  ...(selections.length > 0 ? { selections } : {}),
});

/** One call of `b` for books at `path`, sending `sent`. */
const stepOf = (
  part: Omit<TypePart, "subgraph">,
  sent: readonly QueryPlanSelectionNode[],
  path: readonly (string | number)[] = ["book"],
  asked = "price",
) => {
  const tree = planTreeOf(
    {
      kind: "QueryPlan",
      node: {
        kind: "Flatten",
        path: [...path],
        node: {
          kind: "Fetch",
          serviceName: "b",
          operationKind: "query" as never,
          operationName: undefined,
          operation: `query($representations:[_Any!]!){_entities(representations:$representations){...on Book{${asked}}}}`,
          requires: [{ kind: "InlineFragment", typeCondition: "Book", selections: [field("__typename"), ...sent] }],
        },
      },
    },
    ownershipOf(part),
    { entitiesAt: () => 7 },
  );
  return stepsOf(tree)[0];
};

const keys = (...fields: string[]): TypePart["keys"] => fields.map((one) => ({ fields: one, isResolvable: true }));

describe("a step for entities", () => {
  it("names the key whose fields are sent, not one that needs more", () => {
    const step = stepOf({ keys: keys("id isbn", "id"), fields: [] }, [field("id")]);
    expect(step?.asksFor).toEqual([{ type: "Book", key: "id", requires: [] }]);
  });

  it("names a key of several levels as the supergraph writes it", () => {
    const sent = [field("isbn"), field("shelf", field("row"))];
    expect(stepOf({ keys: keys("id", "isbn shelf { row }"), fields: [] }, sent)?.asksFor[0]?.key).toBe(
      "isbn shelf { row }",
    );
  });

  it("tells what is sent because a field that is asked requires it, though it could be a key", () => {
    const fields = [
      { name: "price", type: "Int", requires: "isbn" },
      { name: "other", type: "Int", requires: "weight" },
    ];
    const step = stepOf({ keys: keys("isbn", "id"), fields }, [field("id"), field("isbn")]);
    expect(step?.asksFor).toEqual([{ type: "Book", key: "id", requires: [{ field: "price", selection: "isbn" }] }]);
  });

  it("names what is sent where the supergraph has no such key", () => {
    expect(stepOf({ keys: [], fields: [] }, [field("id")])?.asksFor[0]?.key).toBe("id");
  });

  it("has its path as people write it, with types and lists", () => {
    const step = stepOf({ keys: keys("id"), fields: [] }, [field("id")], ["items", "@", "node", "@"]);
    expect(step).toMatchObject({ path: "items[].node[]", lists: 2, entities: 7 });
    expect(stepOf({ keys: keys("id"), fields: [] }, [field("id")], ["items|[Book,Map]", "@|[Book]"])?.path).toBe(
      "items (on Book, Map)[] (on Book)",
    );
  });
});

describe("a plan without a call", () => {
  it("has no step", () => {
    expect(
      stepsOf(planTreeOf({ kind: "QueryPlan" }, ownershipOf({ keys: [], fields: [] }), { entitiesAt: () => 0 })),
    ).toEqual([]);
  });
});
