import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";
import type { Comparison } from "../check/comparison.ts";

/** Whether clients can see a coordinate, after the change. */
export const visibleNow = ({ head }: Comparison, coordinate: string): boolean => isVisible(head.api, coordinate);

export const isVisible = (api: GraphQLSchema, coordinate: string): boolean => {
  const [, typeName = "", member, argument] = /^(\w+)(?:\.(\w+)(?:\((\w+):\))?)?$/.exec(coordinate) ?? [];
  const type = api.getType(typeName);
  if (!type || member === undefined) return type !== undefined;
  if (isEnumType(type)) return Boolean(type.getValue(member));
  if (isInputObjectType(type)) return member in type.getFields();
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = type.getFields()[member];
  if (!field || argument === undefined) return field !== undefined;
  return field.args.some(({ name }) => name === argument);
};
