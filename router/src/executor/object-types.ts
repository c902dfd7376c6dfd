import { isCompositeType, isUnionType, type Schema } from "@apollo/federation-internals";
import type { JsonObject } from "./json.ts";

/** By the name of each type that objects may have or fragments may ask for: the interfaces and unions that it is behind. */
export type TypeRelations = ReadonlyMap<string, ReadonlySet<string>>;

export const readTypeRelations = (schema: Schema): TypeRelations => {
  const types = schema.types().filter(isCompositeType);
  const relations = new Map(
    types.map((type) => [
      type.name,
      new Set(isUnionType(type) ? [] : type.interfaces().map(({ name }): string => name)),
    ]),
  );
  for (const union of types.filter(isUnionType))
    for (const member of union.types()) relations.get(member.name)?.add(union.name);
  return relations;
};

/** Whether `object` is of the type of that name or behind it; null where it does not tell its type. */
export type IsOfType = (object: JsonObject, typeName: string) => boolean | null;

export const createIsOfType =
  (relations: TypeRelations): IsOfType =>
  (object, typeName) => {
    const { __typename: name } = object;
    if (typeof name !== "string" || name === "") return null;
    return name === typeName || (relations.get(name)?.has(typeName) ?? false);
  };
