import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Definitions } from "../revisions/definitions.ts";

/** How many entries the lists of one operation's answer are expected to have. */
export interface ListSizes {
  /** Entities at a path of a query plan, in which `@` stands for every entry of a list. */
  entitiesAt(path: readonly string[]): number;
}

export interface ListSizeSources {
  readonly api: GraphQLSchema;
  readonly definitions: Definitions;
  /** Of a list of which nothing tells how many entries it has. */
  readonly otherwise: number;
}

/** By these arguments clients tell how many they want. */
const SLICING = ["first", "last", "limit", "take", "pageSize"];

/** Below these fields of a connection are the entries that were asked for one level up. */
const ENTRIES = new Set(["edges", "nodes"]);

/**
 * Estimates from what an operation says itself (`first: 20`, or the variable's default), from the schema (a default of such an
 * argument, `@listSize(assumedSize:)` of any subgraph), else by `otherwise`.
 */
export const listSizesOf = (
  { document, definition }: { readonly document: DocumentNode; readonly definition: OperationDefinitionNode },
  sources: ListSizeSources,
): ListSizes => {
  const known = knownSizes(document, definition, sources);
  const { otherwise } = sources;
  return {
    entitiesAt(path) {
      let count = 1;
      const names: string[] = [];
      for (const part of path) {
        // Parts may carry a condition on the type: `node.|[Book]`.
        const name = part.replace(/\|.*$/, "");
        if (name !== "@") {
          if (name !== "") names.push(name);
          continue;
        }
        const isOfConnection = ENTRIES.has(names.at(-1) ?? "");
        count *=
          known.get(names.join(".")) ??
          (isOfConnection ? known.get(names.slice(0, -1).join(".")) : undefined) ??
          otherwise;
      }
      return count;
    },
  };
};

/** Sizes by the paths of response names, without those that nothing tells. */
const knownSizes = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { api, definitions }: ListSizeSources,
): ReadonlyMap<string, number> => {
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  );
  const parents = parentTypes(document, api);
  const sizes = new Map<string, number>();
  const walk = ({ selections }: SelectionSetNode, path: readonly string[], within: ReadonlySet<string>): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const at = [...path, (selection.alias ?? selection.name).value];
        const coordinate = `${parents.get(selection) ?? ""}.${selection.name.value}`;
        const size = sizeOf(selection, coordinate, operation, definitions);
        if (size !== null) sizes.set(at.join("."), Math.max(size, sizes.get(at.join(".")) ?? 0));
        if (selection.selectionSet) walk(selection.selectionSet, at, within);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, path, within);
      else {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        // A fragment that spreads itself is not valid, and must not be followed forever.
        if (fragment && !within.has(name)) walk(fragment.selectionSet, path, new Set([...within, name]));
      }
    }
  };
  walk(operation.selectionSet, [], new Set());
  return sizes;
};

const parentTypes = (document: DocumentNode, api: GraphQLSchema): ReadonlyMap<FieldNode, string> => {
  const parents = new Map<FieldNode, string>();
  const types = new TypeInfo(api);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const parent = types.getParentType();
        if (parent) parents.set(node, parent.name);
      },
    }),
  );
  return parents;
};

const sizeOf = (
  field: FieldNode,
  coordinate: string,
  operation: OperationDefinitionNode,
  definitions: Definitions,
): number | null => {
  for (const { name, value } of field.arguments ?? []) {
    if (!SLICING.includes(name.value)) continue;
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind !== Kind.VARIABLE) continue;
    const variable = operation.variableDefinitions?.find((one) => one.variable.name.value === value.name.value);
    if (variable?.defaultValue?.kind === Kind.INT) return Number(variable.defaultValue.value);
  }
  for (const { node } of definitions.of(coordinate)) {
    const assumed = assumedSize(node.directives ?? []);
    if (assumed !== null) return assumed;
  }
  for (const name of SLICING)
    for (const { node } of definitions.of(`${coordinate}(${name}:)`))
      if (node.kind === Kind.INPUT_VALUE_DEFINITION && node.defaultValue?.kind === Kind.INT)
        return Number(node.defaultValue.value);
  return null;
};

const assumedSize = (directives: readonly DirectiveNode[]): number | null => {
  const listSize = directives.find(({ name }) => name.value === "listSize" || name.value === "federation__listSize");
  const assumed = listSize?.arguments?.find(({ name }) => name.value === "assumedSize")?.value;
  return assumed?.kind === Kind.INT ? Number(assumed.value) : null;
};
