import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isUnionType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import { isIncluded, type OperationToAuthorize } from "./authorization.ts";
import { fragmentsOf } from "./fragments.ts";

/** What a list without arguments for its size is taken to hold. */
const UNSIZED_LIST = 5;
/** What a page without a size is taken to hold. */
const UNSIZED_PAGE = 20;
/** No page is larger: whoever asks for more is refused by the subgraph, with better words. */
const LARGEST_PAGE = 1_000;

/**
 * How many values a validated operation may answer at most: each field as often as the lists around it may repeat it.
 * Pages are as large as `first` or `last` say. Lists of lists multiply, and so do circles through the graph, which no
 * subgraph sees: each of them is asked for every entity once, and the router repeats what it answered.
 */
export const answerSize = (schema: GraphQLSchema, { document, operation, variables }: OperationToAuthorize): number => {
  const fragments = fragmentsOf(document);

  const sizeOf = (parent: GraphQLCompositeType, { selections }: SelectionSetNode, inPage: boolean): number => {
    let total = 0;
    for (const selection of selections)
      if (isIncluded(selection, variables)) total += sizeOfSelection(parent, selection, inPage);
    return total;
  };

  /** `inPage`: directly below a field with a page size, where a list is that page. */
  const sizeOfSelection = (parent: GraphQLCompositeType, selection: SelectionNode, inPage: boolean): number => {
    if (selection.kind !== Kind.FIELD) {
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const type = fragment?.typeCondition ? schema.getType(fragment.typeCondition.name.value) : parent;
      return fragment && isCompositeType(type) ? sizeOf(type, fragment.selectionSet, inPage) : 0;
    }
    const field = isUnionType(parent) ? undefined : parent.getFields()[selection.name.value];
    // Introspection has a limit of its own.
    if (!field) return 1;
    const page = pageSize(field, getArgumentValues(field, selection, { ...variables }));
    const times = page ?? (isList(field.type) && !inPage ? UNSIZED_LIST : 1);
    const type = getNamedType(field.type);
    const below =
      selection.selectionSet && isCompositeType(type) ? sizeOf(type, selection.selectionSet, page !== null) : 0;
    return 1 + times * below;
  };

  const root = schema.getRootType(operation.operation);
  return root ? sizeOf(root, operation.selectionSet, false) : 0;
};

/** Null for a field that has no arguments for the size of its list. */
const pageSize = (
  { args }: GraphQLField<unknown, unknown>,
  { first, last }: Readonly<Record<string, unknown>>,
): number | null => {
  if (!args.some(({ name }) => name === "first" || name === "last")) return null;
  const sizes = [first, last].filter((size) => typeof size === "number");
  return Math.max(0, Math.min(LARGEST_PAGE, sizes.length > 0 ? Math.max(...sizes) : UNSIZED_PAGE));
};

const isList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));
