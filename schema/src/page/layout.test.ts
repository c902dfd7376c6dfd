import { describe, expect, it } from "vitest";
import { type Box, layOut } from "./layout.ts";
import type { GraphMap, MapCard, MapSubgraph } from "./map.ts";

const card = (id: string, type: string, facts: Partial<MapCard> = {}): MapCard => ({
  id,
  type,
  role: "home",
  status: "same",
  keys: ["id"],
  fields: [],
  ...facts,
});

const subgraph = (index: number, cards: readonly MapCard[] = [], facts: Partial<MapSubgraph> = {}): MapSubgraph => ({
  id: `s${index}`,
  name: `service-${index}`,
  url: "",
  status: "same",
  cards,
  refersTo: [],
  types: [],
  ...facts,
});

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const field = (name: string, status: "same" | "added" = "same") => ({ name, type: "Int", status });

describe("the layout of a map", () => {
  it("sets subgraphs that have much to do with each other side by side", () => {
    const map: GraphMap = {
      subgraphs: [
        subgraph(0, [card("a", "A")]),
        subgraph(1, [card("b", "B")]),
        subgraph(2, [card("c", "A", { role: "extension" })]),
      ],
      links: [{ from: "a", to: "c", status: "same" }],
    };
    const order = layOut(map).panels.map(({ subgraph: { id } }) => id);
    expect(Math.abs(order.indexOf("s0") - order.indexOf("s2"))).toBe(1);
  });

  it("gives the same places every time, none of them twice, all of them inside, for 1 as for 120 subgraphs", () => {
    for (const count of [1, 4, 7, 120]) {
      const map: GraphMap = {
        subgraphs: Array.from({ length: count }, (_, index) =>
          subgraph(
            index,
            Array.from({ length: index % 9 }, (_unused, nth) =>
              card(`s${index}-${nth}`, `T${nth}`, { fields: Array.from({ length: nth }, (__, at) => field(`f${at}`)) }),
            ),
          ),
        ),
        links: [],
      };
      const layout = layOut(map);
      expect(layOut(map)).toEqual(layout);
      expect(layout.panels).toHaveLength(count);
      for (const [index, panel] of layout.panels.entries()) {
        expect(layout.panels.slice(index + 1).filter((other) => overlap(panel, other))).toEqual([]);
        expect(panel.x + panel.width).toBeLessThanOrEqual(layout.width);
        expect(panel.y + panel.height).toBeLessThanOrEqual(layout.height);
        for (const [at, drawn] of panel.cards.entries()) {
          expect(drawn.y + drawn.height).toBeLessThanOrEqual(panel.y + panel.height);
          expect(panel.cards.slice(at + 1).filter((other) => overlap(drawn, other))).toEqual([]);
        }
      }
    }
  });

  it("shows every field that changed, and of the others what there is room for", () => {
    const fields = [...Array.from({ length: 10 }, (_, at) => field(`old${at}`)), field("fresh", "added")];
    const [panel] = layOut({ subgraphs: [subgraph(0, [card("a", "A", { fields })])], links: [] }).panels;
    const drawn = panel?.cards[0];
    expect(drawn?.fields.map(({ name }) => name)).toEqual(["old0", "old1", "fresh"]);
    expect(drawn?.more).toBe(8);
  });

  it("tells of a card that is new as a whole no more than helps to recognise it", () => {
    const fields = Array.from({ length: 10 }, (_, at) => field(`fresh${at}`, "added"));
    const [panel] = layOut({
      subgraphs: [subgraph(0, [card("a", "A", { fields, status: "added" })])],
      links: [],
    }).panels;
    expect(panel?.cards[0]).toMatchObject({ more: 7 });
  });

  it("of many subgraphs sets those first that changed", () => {
    const subgraphs = Array.from({ length: 40 }, (_, index) =>
      subgraph(index, [], { status: index === 23 ? "changed" : "same" }),
    );
    const layout = layOut({ subgraphs, links: [] });
    expect(layout.isLarge).toBe(true);
    expect(layout.panels[0]?.subgraph.id).toBe("s23");
  });

  it("has a place for a graph without subgraphs", () => {
    expect(layOut({ subgraphs: [], links: [] }).panels).toEqual([]);
  });
});
