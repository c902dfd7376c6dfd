import type { FetchNode, PlanNode, QueryPlan, QueryPlanSelectionNode, SubscriptionNode } from "@apollo/query-planner";
import { leavesOf, type Ownership } from "../composition/ownership.ts";
import type { ListSizes } from "../operations/list-sizes.ts";
import { selectionOf } from "./selection.ts";

/** A query plan as people read it: the plan's paths are told by the fetches, and these are numbered. */
export type PlanTree =
  | { readonly kind: "nothing" }
  | { readonly kind: "sequence" | "parallel"; readonly nodes: readonly PlanTree[] }
  /** `variable` without `$`; either way may be empty. */
  | { readonly kind: "condition"; readonly variable: string; readonly whenTrue: PlanTree; readonly whenFalse: PlanTree }
  | { readonly kind: "deferred"; readonly label: string | null; readonly node: PlanTree }
  | { readonly kind: "fetch"; readonly step: PlanStep };

/** One call of a subgraph. */
export interface PlanStep {
  /** From 1, in the order of the plan. */
  readonly number: number;
  readonly subgraph: string;
  readonly operationKind: "query" | "mutation" | "subscription";
  /** Where in the answer its entities are: `orders.edges[].node`; null for a fetch of root fields. */
  readonly path: string | null;
  /** How many lists are on that path. */
  readonly lists: number;
  /** The steps that it waits for. */
  readonly waitsFor: readonly number[];
  /** From 1: the length of the longest chain of steps that ends here. */
  readonly depth: number;
  /** Estimated; 0 for a fetch of root fields. */
  readonly entities: number;
  /** By what the subgraph is asked for entities; empty for a fetch of root fields. */
  readonly asksFor: readonly EntityAsked[];
  /** What is asked, without what only the router needs: `orders(first: $first) { edges { node { id } } }`. */
  readonly selection: string;
  /** Types and top fields of `selection`. */
  readonly fields: readonly { readonly type: string; readonly name: string }[];
}

export interface EntityAsked {
  readonly type: string;
  /** The `@key`, as the supergraph writes it. */
  readonly key: string;
  /** What is sent beside the key, because a field that is asked `@requires` it. */
  readonly requires: readonly { readonly field: string; readonly selection: string }[];
}

interface Around {
  readonly ownership: Ownership;
  readonly sizes: ListSizes;
  /** Gives the next number. */
  readonly next: () => number;
}

interface Place {
  readonly path: readonly string[] | null;
  readonly waitsFor: readonly PlanStep[];
}

/** A subtree with the steps that nothing in it waits for. */
interface Built {
  readonly tree: PlanTree;
  readonly ends: readonly PlanStep[];
}

export const planTreeOf = ({ node }: QueryPlan, ownership: Ownership, sizes: ListSizes): PlanTree => {
  let count = 0;
  const next = (): number => {
    count += 1;
    return count;
  };
  return build(node, { path: null, waitsFor: [] }, { ownership, sizes, next }).tree;
};

/** All steps, in their order. */
export const stepsOf = (tree: PlanTree): PlanStep[] => {
  switch (tree.kind) {
    case "nothing":
      return [];
    case "fetch":
      return [tree.step];
    case "deferred":
      return stepsOf(tree.node);
    case "condition":
      return [...stepsOf(tree.whenTrue), ...stepsOf(tree.whenFalse)];
    default:
      return tree.nodes.flatMap(stepsOf);
  }
};

const build = (node: PlanNode | SubscriptionNode | undefined, place: Place, around: Around): Built => {
  switch (node?.kind) {
    case undefined:
      return { tree: { kind: "nothing" }, ends: place.waitsFor };
    case "Fetch": {
      const step = stepOf(node, place, around);
      return { tree: { kind: "fetch", step }, ends: [step] };
    }
    case "Flatten":
      return build(node.node, { ...place, path: node.path.map(String) }, around);
    case "Sequence":
      return inSequence(node.nodes, place, around);
    case "Parallel": {
      const parts = node.nodes.map((one) => build(one, place, around));
      return {
        tree: { kind: "parallel", nodes: parts.map(({ tree }) => tree) },
        ends: parts.flatMap(({ ends }) => ends),
      };
    }
    case "Condition": {
      const whenTrue = build(node.ifClause, place, around);
      const whenFalse = build(node.elseClause, place, around);
      const tree: PlanTree = {
        kind: "condition",
        variable: node.condition,
        whenTrue: whenTrue.tree,
        whenFalse: whenFalse.tree,
      };
      return { tree, ends: [...new Set([...whenTrue.ends, ...whenFalse.ends])] };
    }
    case "Subscription":
      return inSequence([node.primary, ...(node.rest ? [node.rest] : [])], place, around);
    case "Defer": {
      const primary = build(node.primary.node, place, around);
      const deferred = node.deferred.map((one) => ({
        label: one.label ?? null,
        built: build(one.node, { ...place, waitsFor: primary.ends }, around),
      }));
      const nodes = deferred.map(({ label, built }): PlanTree => ({ kind: "deferred", label, node: built.tree }));
      return {
        tree: { kind: "sequence", nodes: [primary.tree, ...nodes] },
        ends: deferred.flatMap(({ built }) => built.ends),
      };
    }
  }
};

const inSequence = (nodes: readonly PlanNode[], place: Place, around: Around): Built => {
  let ends = place.waitsFor;
  const trees = nodes.map((node) => {
    const built = build(node, { ...place, waitsFor: ends }, around);
    ends = built.ends;
    return built.tree;
  });
  return { tree: { kind: "sequence", nodes: trees }, ends };
};

const stepOf = (node: FetchNode, { path, waitsFor }: Place, { ownership, sizes, next }: Around): PlanStep => {
  const { selection, fields } = selectionOf(node.operation);
  return {
    number: next(),
    subgraph: node.serviceName,
    operationKind: node.operationKind,
    path: path && shownPath(path),
    lists: path?.filter(isList).length ?? 0,
    waitsFor: waitsFor.map(({ number }) => number),
    depth: 1 + Math.max(0, ...waitsFor.map(({ depth }) => depth)),
    entities: node.requires ? sizes.entitiesAt(path ?? []) : 0,
    asksFor: (node.requires ?? []).flatMap((one) => entityAsked(one, node.serviceName, fields, ownership)),
    selection,
    fields,
  };
};

const isList = (part: string): boolean => part.replace(/\|.*$/, "") === "@";

/** `orders.@.node.|[Book]` → `orders[].node (on Book)`. */
const shownPath = (path: readonly string[]): string =>
  path
    .map((part, index) => {
      const [, name = "", types = ""] = /^([^|]*)\|?(?:\[(.*)\])?$/.exec(part) ?? [];
      const condition = types === "" ? "" : ` (on ${types.replaceAll(",", ", ")})`;
      return (name === "@" ? "[]" : name === "" || index === 0 ? name : `.${name}`) + condition;
    })
    .join("");

const entityAsked = (
  node: QueryPlanSelectionNode,
  subgraph: string,
  fields: PlanStep["fields"],
  ownership: Ownership,
): EntityAsked[] => {
  if (node.kind !== "InlineFragment" || node.typeCondition === undefined) return [];
  const type = node.typeCondition;
  const sent = new Set(pathsOf(node.selections));
  const part = ownership.types.get(type)?.parts.find((one) => one.subgraph === subgraph);
  const asked = new Set(fields.map(({ name }) => name));
  const requires = (part?.fields ?? []).flatMap(({ name, requires: selection }) =>
    selection !== null && asked.has(name) ? [{ field: name, selection }] : [],
  );
  const required = new Set(requires.flatMap(({ selection }) => leavesOf(selection)));
  const fits = (part?.keys ?? [])
    .map((key) => ({ key: key.fields, leaves: leavesOf(key.fields) }))
    .filter(({ leaves }) => leaves.every((leaf) => sent.has(leaf)));
  // The key that leaves the least unexplained: a required field may be a key itself.
  const unexplained = (leaves: readonly string[]): number =>
    [...sent].filter((leaf) => !leaves.includes(leaf) && !required.has(leaf)).length;
  const [best] = fits.sort((a, b) => unexplained(a.leaves) - unexplained(b.leaves));
  const key = best?.key ?? [...sent].filter((leaf) => !required.has(leaf)).join(" ");
  return [{ type, key, requires }];
};

const pathsOf = (selections: readonly QueryPlanSelectionNode[]): string[] =>
  selections.flatMap((one) => {
    if (one.kind === "InlineFragment") return pathsOf(one.selections);
    if (!one.selections || one.selections.length === 0) return one.name === "__typename" ? [] : [one.name];
    return pathsOf(one.selections).map((path) => `${one.name}.${path}`);
  });
