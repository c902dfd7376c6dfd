import { Kind, type NamedTypeNode, print, type TypeNode } from "graphql";
import { namedTypeOf } from "../revisions/definitions.ts";
import type { Field, LintGraph } from "./graph.ts";

export const nameOf = (type: TypeNode): string => namedTypeOf(type).name.value;

export const isRequired = (type: TypeNode): boolean => type.kind === Kind.NON_NULL_TYPE;

/** `T` of `T!`. */
export const withoutNonNull = (type: TypeNode): Exclude<TypeNode, { kind: Kind.NON_NULL_TYPE }> =>
  type.kind === Kind.NON_NULL_TYPE ? type.type : type;

/** `T` of `[T]` and `[T]!`; null for what is no list. */
export const entryTypeOf = (type: TypeNode): TypeNode | null => {
  const nullable = withoutNonNull(type);
  return nullable.kind === Kind.LIST_TYPE ? nullable.type : null;
};

/** `T` of `T` and `T!`; null for lists. */
export const singleTypeOf = (type: TypeNode): NamedTypeNode | null => {
  const nullable = withoutNonNull(type);
  return nullable.kind === Kind.NAMED_TYPE ? nullable : null;
};

export const textOfType = (type: TypeNode): string => print(type);

/** Scalars that serialise as text, as far as the name tells: those of teams may. */
export const isTextual = (name: string, graph: LintGraph): boolean =>
  name === "String" || name === "ID" || graph.types.get(name)?.kind === "scalar";

/** Scalars, and enums: what is no object to send. */
export const isLeaf = (name: string, graph: LintGraph): boolean => {
  const kind = graph.types.get(name)?.kind;
  return kind === "scalar" || kind === "enum" || (kind === undefined && BUILT_IN_SCALARS.has(name));
};

const BUILT_IN_SCALARS: ReadonlySet<string> = new Set(["String", "ID", "Int", "Float", "Boolean"]);

/** Whether it answers one for each of what it is given, as `products(ids: [ID!]!)` does: its length is the client's. */
export const answersAList = (field: Field): boolean =>
  [...field.arguments.values()].some(({ parts }) =>
    parts.some(({ node }) => isRequired(node.type) && entryTypeOf(node.type) !== null),
  );
