import { type GraphQLSchema, isCompositeType, isInterfaceType, isObjectType, isUnionType } from "graphql";
import type { JsonObject } from "./json.ts";

/** By the name of each type that objects may have or fragments may ask for: the interfaces and unions that it is behind. */
export type TypeRelations = ReadonlyMap<string, ReadonlySet<string>>;

export const readTypeRelations = (schema: GraphQLSchema): TypeRelations => {
  const types = Object.values(schema.getTypeMap()).filter(isCompositeType);
  const unions = types.filter(isUnionType);
  return new Map(
    types.map((type) => [
      type.name,
      new Set([
        ...(isObjectType(type) || isInterfaceType(type) ? type.getInterfaces().map(({ name }) => name) : []),
        ...(isObjectType(type) ? unions.filter((union) => schema.isSubType(union, type)).map(({ name }) => name) : []),
      ]),
    ]),
  );
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
