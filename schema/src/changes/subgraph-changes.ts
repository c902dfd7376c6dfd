import type { Comparison } from "../check/comparison.ts";
import type { Side } from "../findings/finding.ts";
import type { ParsedSubgraph } from "../revisions/definitions.ts";
import { rootNames } from "../revisions/root-names.ts";
import { type AppliedDirective, type SubgraphDirectives, subgraphDirectives } from "./applied-directives.ts";

/** A subgraph whose text differs between the two states. */
export interface ChangedSubgraph {
  readonly name: string;
  readonly before: SubgraphDirectives;
  readonly after: SubgraphDirectives;
}

/** Which subgraphs differ, with what they say by directives. Those that are alike are read when they are asked for. */
export interface SubgraphChanges {
  readonly changed: readonly ChangedSubgraph[];
  readonly added: readonly SubgraphDirectives[];
  readonly removed: readonly SubgraphDirectives[];
  /** The subgraphs that have a coordinate. */
  having(side: Side, coordinate: string): readonly SubgraphDirectives[];
}

export const subgraphChanges = (comparison: Comparison): SubgraphChanges => {
  const known = CHANGES.get(comparison) ?? compareSubgraphs(comparison);
  CHANGES.set(comparison, known);
  return known;
};

const CHANGES = new WeakMap<Comparison, SubgraphChanges>();

const compareSubgraphs = ({ base, head }: Comparison): SubgraphChanges => {
  const read = { base: new Map<string, SubgraphDirectives>(), head: new Map<string, SubgraphDirectives>() };
  const states = { base, head };
  const sources = {
    base: new Map(base.subgraphs.map((subgraph) => [subgraph.name, subgraph])),
    head: new Map(head.subgraphs.map((subgraph) => [subgraph.name, subgraph])),
  };
  const renaming = { base: renamingRoots(base.subgraphs), head: renamingRoots(head.subgraphs) };
  const directivesOf = (side: Side, name: string): readonly SubgraphDirectives[] => {
    const source = sources[side].get(name);
    if (!source) return [];
    const directives = read[side].get(name) ?? subgraphDirectives(source, side);
    read[side].set(name, directives);
    return [directives];
  };

  const changed = [...sources.head.values()].flatMap(({ name, sdl }): ChangedSubgraph[] => {
    const former = sources.base.get(name);
    if (former === undefined || former.sdl === sdl) return [];
    const [before] = directivesOf("base", name);
    const [after] = directivesOf("head", name);
    return before && after ? [{ name, before, after }] : [];
  });
  const only = (side: Side, other: Side): SubgraphDirectives[] =>
    [...sources[side].keys()].filter((name) => !sources[other].has(name)).flatMap((name) => directivesOf(side, name));
  return {
    changed,
    added: only("head", "base"),
    removed: only("base", "head"),
    having(side, coordinate) {
      const names = new Set(states[side].definitions.of(coordinate).map(({ subgraph }) => subgraph));
      // In these the text has another name for it.
      if (/^(Query|Mutation|Subscription)\b/.test(coordinate)) for (const name of renaming[side]) names.add(name);
      return [...names].flatMap((name) => directivesOf(side, name)).filter(({ elements }) => elements.has(coordinate));
    },
  };
};

/** The subgraphs that call a root type otherwise than the API does. */
const renamingRoots = (subgraphs: readonly ParsedSubgraph[]): readonly string[] =>
  subgraphs.flatMap(({ name, document }) => ([...rootNames(document)].some(([its, api]) => its !== api) ? [name] : []));

/** The directives of one name on a coordinate, or none. */
export const applied = (
  { elements }: SubgraphDirectives,
  coordinate: string,
  name: string,
): readonly AppliedDirective[] => (elements.get(coordinate)?.directives ?? []).filter((one) => one.name === name);
