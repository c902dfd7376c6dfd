import { loadSupergraph } from "@supergraph/router/planning";
import { describe, expect, it } from "vitest";
import { checkSatisfiability, checkSatisfiabilityOfSdl } from "../../schema/src/composition/check-satisfiability.ts";
import { mergeDocuments, type Problem, parseSubgraphs } from "../../schema/src/composition/compose.ts";
import { createRandom, type Random } from "../faults/random.ts";
import { generateSubgraphs, type Subgraphs } from "./subgraphs.ts";

const GRAPHS = 50;

/** What they are merged to; null where they are not. */
const mergedOf = (subgraphs: Subgraphs): string | null => {
  const parsed = parseSubgraphs(
    Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `http://${name}.invalid`, path: name, sdl })),
  );
  if (parsed.kind === "failed") throw new Error(JSON.stringify(parsed.errors));
  const merged = mergeDocuments(parsed.subgraphs);
  return merged.kind === "failed" ? null : merged.supergraphSdl;
};

/** Takes ways between subgraphs away: a key of one type is gone, or leads nowhere any more. */
const withoutAWay = (subgraphs: Subgraphs, random: Random): Subgraphs => {
  const [name = "", sdl = ""] = random.pick(Object.entries(subgraphs));
  const keys = [...sdl.matchAll(/ @key\(fields: "(\w+)"\)/g)];
  if (keys.length === 0) return subgraphs;
  const key = random.pick(keys);
  const instead = random.pick(["", ` @key(fields: "${key[1]}", resolvable: false)`]);
  return { ...subgraphs, [name]: sdl.slice(0, key.index) + instead + sdl.slice(key.index + key[0].length) };
};

const told = (problems: readonly Problem[]) =>
  problems.map(({ code, message, unsatisfiable }) => ({ code, message, unsatisfiable }));

/** By the planner's graph, and by the one that composition builds for itself. */
const bothOf = (supergraphSdl: string) => {
  const own = checkSatisfiabilityOfSdl(supergraphSdl);
  const byPlanner = checkSatisfiability(loadSupergraph(supergraphSdl).planner);
  return {
    own: { errors: told(own.errors), hints: told(own.hints) },
    byPlanner: { errors: told(byPlanner.errors), hints: told(byPlanner.hints) },
  };
};

describe("whether all can be answered", () => {
  it(
    "is told from the planner's graph as from composition's own, for generated subgraphs and what they lack",
    () => {
      const counts = { sound: 0, unsatisfiable: 0, hinted: 0 };
      for (let seed = 1; seed <= GRAPHS; seed += 1) {
        const random = createRandom(seed);
        const whole = generateSubgraphs(random);
        for (const subgraphs of [whole, withoutAWay(whole, random), withoutAWay(withoutAWay(whole, random), random)]) {
          const merged = mergedOf(subgraphs);
          if (merged === null) continue;
          const { own, byPlanner } = bothOf(merged);
          expect(byPlanner, `seed ${seed}`).toEqual(own);
          counts[own.errors.length > 0 ? "unsatisfiable" : "sound"] += 1;
          if (own.hints.length > 0) counts.hinted += 1;
        }
      }
      expect(counts.sound).toBeGreaterThan(GRAPHS / 2);
      expect(counts.unsatisfiable).toBeGreaterThan(GRAPHS / 2);
    },
    3 * 60_000,
  );

  it("is told alike where a field requires something by an interface", () => {
    const merged = mergedOf({
      a: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])
        interface Titled { title: String } interface Media { id: ID }
        type Film implements Titled & Media @shareable { id: ID title: String }
        type Song implements Titled & Media @shareable { id: ID title: String }
        type Item @key(fields: "id") { id: ID! media: Media }
        type Query { item: Item titled: Titled }`,
      b: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable", "@external", "@requires"])
        interface Titled { title: String } interface Media { id: ID }
        type Film implements Titled & Media @shareable { id: ID title: String }
        type Song implements Titled & Media @shareable { id: ID title: String }
        type Item @key(fields: "id") { id: ID! shade: String @requires(fields: "media { ... on Titled { title } }") media: Media @external }
        type Query { first: Item }`,
    });
    if (merged === null) throw new Error("They are not merged.");
    const { own, byPlanner } = bothOf(merged);
    expect(byPlanner).toEqual(own);
  });
});
