import { setImmediate as turn } from "node:timers/promises";
import {
  type GraphQLNamedType,
  GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  specifiedDirectives,
} from "graphql";
// The inner half of `buildASTSchema`, which graphql-js exports from this file only.
import { extendSchemaImpl } from "graphql/utilities/extendSchema.js";

/** For so long nobody who asks meanwhile is served, in milliseconds. */
const SLICE_MS = 5;

/**
 * As `buildSchema`, of text that was written from a valid schema and is not validated again. Fields are read from the text
 * when they are first asked for, and a `GraphQLSchema` asks for all of them at once: for a thousand types that takes longer than
 * requests should wait, and so they are asked for beforehand, with turns for others in between.
 */
export const buildApiSchema = async (sdl: string): Promise<GraphQLSchema> => {
  const config = extendSchemaImpl(EMPTY, parse(sdl, { noLocation: true }), { assumeValid: true });
  await turn();
  let began = performance.now();
  for (const type of config.types) {
    readFields(type);
    if (performance.now() - began < SLICE_MS) continue;
    await turn();
    began = performance.now();
  }
  const root = (name: string) => config.types.filter(isObjectType).find((type) => type.name === name);
  const roots = config.astNode
    ? {}
    : { query: root("Query"), mutation: root("Mutation"), subscription: root("Subscription") };
  const own = new Set(config.directives.map(({ name }) => name));
  const standard = specifiedDirectives.filter(({ name }) => !own.has(name));
  return new GraphQLSchema({ ...config, ...roots, directives: [...config.directives, ...standard] });
};

/** A type remembers what it was asked for. */
const readFields = (type: GraphQLNamedType): void => {
  if (isUnionType(type)) type.getTypes();
  else if ("getFields" in type) type.getFields();
  if (isObjectType(type) || isInterfaceType(type)) type.getInterfaces();
};

const EMPTY: Parameters<typeof extendSchemaImpl>[0] = {
  description: undefined,
  query: undefined,
  mutation: undefined,
  subscription: undefined,
  types: [],
  directives: [],
  extensions: Object.create(null),
  astNode: undefined,
  extensionASTNodes: [],
  assumeValid: false,
};
