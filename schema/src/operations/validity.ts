import { GraphQLError, type GraphQLSchema, NoUnusedFragmentsRule, specifiedRules, validate } from "graphql";
import type { KnownOperation } from "../revisions/operations.ts";

type Operation = Pick<KnownOperation, "document" | "definition">;

/** An operation is asked about by several stages. */
const known = new WeakMap<GraphQLSchema, WeakMap<Operation["document"], readonly GraphQLError[]>>();

/** Why an API does not answer an operation; nothing where it does. */
export const errorsOf = (api: GraphQLSchema, { document, definition }: Operation): readonly GraphQLError[] => {
  const ofApi = known.get(api) ?? new WeakMap<Operation["document"], readonly GraphQLError[]>();
  known.set(api, ofApi);
  const errors = ofApi.get(document) ?? find(api, { document, definition });
  ofApi.set(document, errors);
  return errors;
};

export const isValid = (api: GraphQLSchema, operation: Operation): boolean => errorsOf(api, operation).length === 0;

const find = (api: GraphQLSchema, { document, definition }: Operation): readonly GraphQLError[] => {
  const { operation } = definition;
  // The rules of the specification take no offence at fields of a type that there is not.
  if (!api.getRootType(operation))
    return [new GraphQLError(`The API has no ${ROOTS[operation]}.`, { nodes: [definition] })];
  return validate(api, document, RULES);
};

// A file may hold fragments for other operations than this one.
const RULES = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule);

const ROOTS = { query: "queries", mutation: "mutations", subscription: "subscriptions" } as const;
