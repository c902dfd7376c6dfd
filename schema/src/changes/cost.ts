import { type GraphQLSchema, isCompositeType, isInputObjectType } from "graphql";
import type { Comparison } from "../check/comparison.ts";
import { type Finding, finding, type Side } from "../findings/finding.ts";
import { namedTypeOf } from "../revisions/definitions.ts";
import type { AppliedDirective, Element } from "./applied-directives.ts";
import { applied, type ChangedSubgraph, type SubgraphChanges, subgraphChanges } from "./subgraph-changes.ts";

/** What `@cost` and `@listSize` say otherwise than before: the price of operations that clients send already. */
export const costFindings = (comparison: Comparison): Finding[] => {
  const changes = subgraphChanges(comparison);
  return changes.changed.flatMap((pair) =>
    [...pair.after.elements.values()].flatMap((element) => {
      const former = pair.before.elements.get(element.coordinate);
      if (!former) return [];
      return [...weightChanges(comparison, changes, pair, former, element), ...listSizeChanges(pair, former, element)];
    }),
  );
};

const own = ({ directives }: Element, name: string): AppliedDirective | undefined =>
  directives.find((directive) => directive.name === name);

/** By what holds in the supergraph: of several subgraphs' weights the greatest. */
const weightChanges = (
  { base, head }: Comparison,
  changes: SubgraphChanges,
  { name }: ChangedSubgraph,
  former: Element,
  element: Element,
): Finding[] => {
  const [stated, states] = [own(former, "cost"), own(element, "cost")];
  if (stated?.arguments.get("weight") === states?.arguments.get("weight")) return [];
  const { coordinate } = element;
  const was = weightIn(changes, "base", coordinate) ?? defaultWeight(base.api, former);
  const is = weightIn(changes, "head", coordinate) ?? defaultWeight(head.api, element);
  if (was === is) return [];
  return [
    finding(is > was ? "COST_WEIGHT_RAISED" : "COST_WEIGHT_LOWERED", {
      coordinate,
      subgraphs: [name],
      message: `${coordinate} weighs ${is}, and did ${was}.`,
      locations: [states?.place ?? element.place, ...(stated ? [stated.place] : [])],
    }),
  ];
};

const weightIn = (changes: SubgraphChanges, side: Side, coordinate: string): number | null => {
  const weights = changes
    .having(side, coordinate)
    .flatMap((subgraph) => applied(subgraph, coordinate, "cost"))
    .map((directive) => Number(directive.arguments.get("weight")));
  return weights.length === 0 ? null : Math.max(...weights);
};

/** What routers reckon with where nothing is said: an object 1, a mutation 10, a scalar nothing. */
const defaultWeight = (api: GraphQLSchema, { coordinate, kind, type }: Element): number => {
  if (kind === "field" && coordinate.startsWith("Mutation.")) return 10;
  const named = api.getType(type ? namedTypeOf(type).name.value : coordinate);
  return named && (isCompositeType(named) || isInputObjectType(named)) ? 1 : 0;
};

const listSizeChanges = ({ name }: ChangedSubgraph, former: Element, element: Element): Finding[] => {
  const [was, is] = [own(former, "listSize"), own(element, "listSize")];
  const { coordinate } = element;
  const about = { coordinate, subgraphs: [name] };
  if (!was && is)
    return [
      finding("COST_LIST_SIZE_ADDED", {
        ...about,
        message: `${coordinate} says by @listSize how many entries it has: ${sizeText(is)}.`,
        locations: [is.place],
      }),
    ];
  if (was && !is)
    return [
      finding("COST_LIST_SIZE_REMOVED", {
        ...about,
        message: `${coordinate} no longer says by @listSize how many entries it has; it said ${sizeText(was)}.`,
        locations: [was.place, element.place],
      }),
    ];
  if (!was || !is || sizeText(was) === sizeText(is)) return [];
  const [before, after] = [was, is].map((directive) => Number(directive.arguments.get("assumedSize") ?? Number.NaN));
  const isSizeOnly = sizeText(was, ["assumedSize"]) === sizeText(is, ["assumedSize"]);
  const code =
    isSizeOnly && before !== undefined && after !== undefined && before < after
      ? "COST_LIST_SIZE_RAISED"
      : isSizeOnly && before !== undefined && after !== undefined && before > after
        ? "COST_LIST_SIZE_LOWERED"
        : "COST_LIST_SIZE_CHANGED";
  return [
    finding(code, {
      ...about,
      message: `${coordinate} has by its @listSize ${sizeText(is)}, and had ${sizeText(was)}.`,
      locations: [is.place, was.place],
    }),
  ];
};

const sizeText = ({ arguments: given }: AppliedDirective, without: readonly string[] = []): string =>
  [...given]
    .filter(([name]) => !without.includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
