import {
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";

export interface Selection {
  /** On one line: `orders(first: $first) { edges { node { id } } }`. */
  readonly selection: string;
  /** Its top fields, with the type that they are of; the type is empty for root fields. */
  readonly fields: readonly { readonly type: string; readonly name: string }[];
}

/** What an operation of a query plan asks a subgraph, without the `_entities` around it and `__typename`. */
export const selectionOf = (operation: string): Selection => {
  const { definitions } = parse(operation, { noLocation: true });
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
  const root = definitions.find((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION);
  if (!root) return { selection: "", fields: [] };
  const [first] = root.selectionSet.selections;
  const isEntities = first?.kind === Kind.FIELD && first.name.value === "_entities";
  const asked = isEntities && first.selectionSet ? first.selectionSet : root.selectionSet;
  const onlyType = isEntities ? onlyInlineFragment(asked) : null;
  return {
    selection: line(onlyType ?? asked, fragments),
    fields: topFields(asked, isEntities ? "" : root.operation, fragments),
  };
};

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** One type needs no mention: who shows the selection names the entity. */
const onlyInlineFragment = ({ selections }: SelectionSetNode): SelectionSetNode | null => {
  const [only, ...others] = selections;
  return only?.kind === Kind.INLINE_FRAGMENT && (only.directives ?? []).length === 0 && others.length === 0
    ? only.selectionSet
    : null;
};

const line = ({ selections }: SelectionSetNode, fragments: Fragments): string =>
  selections.flatMap((one) => shown(one, fragments)).join(" ") || "__typename";

const shown = (node: SelectionNode, fragments: Fragments): string[] => {
  const directives = (node.directives ?? []).map((one) => ` ${print(one)}`).join("");
  if (node.kind === Kind.FRAGMENT_SPREAD) {
    const fragment = fragments.get(node.name.value);
    return fragment
      ? [`... on ${fragment.typeCondition.name.value}${directives} { ${line(fragment.selectionSet, fragments)} }`]
      : [];
  }
  if (node.kind === Kind.INLINE_FRAGMENT)
    return [
      `...${node.typeCondition ? ` on ${node.typeCondition.name.value}` : ""}${directives} { ${line(node.selectionSet, fragments)} }`,
    ];
  if (node.name.value === "__typename" && !node.alias) return [];
  const inner = node.selectionSet ? ` { ${line(node.selectionSet, fragments)} }` : "";
  const head = print({ ...node, selectionSet: undefined });
  return [`${head.replaceAll(/\s+/g, " ")}${inner}`];
};

const topFields = ({ selections }: SelectionSetNode, type: string, fragments: Fragments): Selection["fields"] =>
  selections.flatMap((one) => {
    if (one.kind === Kind.FIELD) return one.name.value === "__typename" ? [] : [{ type, name: one.name.value }];
    const inner = one.kind === Kind.INLINE_FRAGMENT ? one : fragments.get(one.name.value);
    return inner ? topFields(inner.selectionSet, inner.typeCondition?.name.value ?? type, fragments) : [];
  });
