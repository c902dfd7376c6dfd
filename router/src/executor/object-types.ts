import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from "graphql";
import { getOwn, type JsonObject } from "./json.ts";

/** Whether `object` is of the type of that name or behind it; null where it does not tell its type. */
export type IsOfType = (object: JsonObject, typeName: string) => boolean | null;

export const createIsOfType = (schema: GraphQLSchema): IsOfType => {
  const known = new Map<string, boolean>();

  const isBehind = (name: string, typeName: string): boolean => {
    const type = schema.getType(name);
    const condition = schema.getType(typeName);
    return (
      isAbstractType(condition) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(condition, type)
    );
  };

  return (object, typeName) => {
    const name = getOwn(object, "__typename");
    if (typeof name !== "string" || name === "") return null;
    if (name === typeName) return true;
    // What a subgraph calls its types is not bounded; those of the schema are.
    if (!schema.getType(name)) return false;
    const key = `${name} ${typeName}`;
    const answered = known.get(key);
    if (answered !== undefined) return answered;
    const answer = isBehind(name, typeName);
    known.set(key, answer);
    return answer;
  };
};
