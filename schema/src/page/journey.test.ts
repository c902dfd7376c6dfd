import { describe, expect, it } from "vitest";
import type { PlanStep } from "../explain/plan-tree.ts";
import { journeyOf, type PageOperation } from "./journey.ts";
import { layOut } from "./layout.ts";
import type { MapCard, MapSubgraph } from "./map.ts";

const card = (id: string, type: string, role: MapCard["role"], fields: readonly string[] = []): MapCard => ({
  id,
  type,
  role,
  status: "same",
  keys: [],
  fields: fields.map((name) => ({ name, type: "Int", status: "same" })),
});

const subgraph = (name: string, cards: readonly MapCard[]): MapSubgraph => ({
  id: name,
  name,
  url: "",
  status: "same",
  cards,
  refersTo: [],
  types: [],
});

const layout = layOut({
  subgraphs: [
    subgraph("a", [
      card("m", "Mutation", "root", ["cart"]),
      card("q", "Query", "root", ["cart"]),
      card("b", "Book", "home"),
    ]),
    subgraph("c", [card("cb", "Book", "extension")]),
    subgraph("root", [card("r", "TheQuery", "root", ["me"])]),
  ],
  links: [],
});

const step = (number: number, facts: Partial<PlanStep>): PlanStep => ({
  number,
  subgraph: "a",
  operationKind: "query",
  path: null,
  lists: 0,
  waitsFor: [],
  depth: 1,
  entities: 0,
  asksFor: [],
  selection: "",
  fields: [],
  ...facts,
});

const asks = (type: string): PlanStep["asksFor"] => [{ type, key: "id", requires: [] }];

const journey = (...steps: readonly PlanStep[]) => {
  const operation: PageOperation = {
    id: "web/It",
    status: "same",
    mistakes: [],
    before: null,
    explained: {
      kind: "explained",
      tree: { kind: "sequence", nodes: steps.map((one) => ({ kind: "fetch", step: one })) },
      cost: { fetches: 0, depth: 0, subgraphs: [], entities: 0, steps: [] },
      marks: [],
      savings: [],
    },
  };
  return journeyOf(operation, layout);
};

describe("the way of an operation over the map", () => {
  it("begins at the root type that is asked, also where two have a field of that name, or another name", () => {
    const fields = [{ type: "", name: "cart" }];
    expect(journey(step(1, { fields })).cards).toEqual(["q"]);
    expect(journey(step(1, { fields, operationKind: "mutation" })).cards).toEqual(["m"]);
    expect(journey(step(1, { subgraph: "root", fields: [{ type: "", name: "me" }] })).cards).toEqual(["r"]);
  });

  it("leads from each step to those that wait for it", () => {
    const { cards, legs, stops } = journey(
      step(1, { asksFor: asks("Book") }),
      step(2, { subgraph: "c", asksFor: asks("Book"), waitsFor: [1] }),
      step(3, { asksFor: asks("Book"), waitsFor: [1, 2] }),
    );
    expect(cards).toEqual(["b", "cb"]);
    expect(legs).toHaveLength(3);
    expect(stops.map((stop) => stop.step.number)).toEqual([1, 2, 3]);
  });

  it("never has two steps at the same place", () => {
    const { stops } = journey(
      step(1, { asksFor: asks("Book") }),
      step(2, { asksFor: asks("Book") }),
      step(3, { asksFor: asks("Nothing") }),
      step(4, { asksFor: asks("Nothing") }),
    );
    expect(new Set(stops.map(({ x, y }) => `${x} ${y}`)).size).toBe(4);
  });

  it("stops at the head of a subgraph that has no card for it, and nowhere where there is no such subgraph", () => {
    expect(journey(step(1, { asksFor: asks("Nothing") }))).toMatchObject({ cards: [], stops: [{}] });
    expect(journey(step(1, { subgraph: "elsewhere" })).stops).toEqual([]);
  });
});
