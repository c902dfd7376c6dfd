import {
  type ConstDirectiveNode,
  defaultFieldResolver,
  type GraphQLFieldConfig,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  valueFromASTUntyped,
} from "graphql";
import { forbidden, unauthenticated } from "./errors.ts";
import type { Viewer } from "./identity.ts";

/**
 * What a viewer must be to see a coordinate, from the federation directives `@authenticated` and `@requiresScopes`.
 * `scopes` is a disjunction of conjunctions, as in the directive: one inner list must be held whole.
 */
export interface Requirement {
  readonly authenticated: boolean;
  readonly scopes: readonly (readonly string[])[];
}

export type Verdict = "allowed" | "unauthenticated" | "forbidden";

export const satisfies = (viewer: Viewer | null, { authenticated, scopes }: Requirement): Verdict => {
  if (viewer === null) return authenticated || scopes.length > 0 ? "unauthenticated" : "allowed";
  if (scopes.length > 0 && !scopes.some((all) => all.every((scope) => viewer.scopes.includes(scope))))
    return "forbidden";
  return "allowed";
};

/** The requirement that these applied directives declare, or undefined where there is none. */
export const requirementOf = (directives: readonly ConstDirectiveNode[]): Requirement | undefined => {
  const authenticated = directives.some(({ name }) => localName(name.value) === "authenticated");
  const scopes = directives
    .filter(({ name }) => localName(name.value) === "requiresScopes")
    .flatMap((directive) => {
      const argument = directive.arguments?.find(({ name }) => name.value === "scopes");
      return argument ? (valueFromASTUntyped(argument.value) as string[][]) : [];
    });
  return authenticated || scopes.length > 0 ? { authenticated, scopes } : undefined;
};

/** Both must hold. */
export const combineRequirements = (
  a: Requirement | undefined,
  b: Requirement | undefined,
): Requirement | undefined => {
  if (!a || !b) return a ?? b;
  const scopes =
    a.scopes.length === 0 || b.scopes.length === 0
      ? [...a.scopes, ...b.scopes]
      : a.scopes.flatMap((left) => b.scopes.map((right) => [...new Set([...left, ...right])]));
  return { authenticated: a.authenticated || b.authenticated, scopes };
};

/**
 * Guards every field that carries a requirement, on itself or on the type that it answers, in this subgraph's schema:
 * its resolver runs only for a viewer who meets it. The second of two checks; the router makes the first.
 */
export const enforceAuthorization = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const answered = getNamedType(field.type);
      const requirement = [
        field.astNode?.directives,
        isObjectType(answered) || isInterfaceType(answered) ? directivesOf(answered) : undefined,
      ]
        .map((directives) => requirementOf(directives ?? []))
        .reduce(combineRequirements, undefined);
      if (!requirement) continue;
      guard(field, "resolve", requirement);
      if (field.subscribe) guard(field, "subscribe", requirement);
    }
  }
  return schema;
};

const guard = (
  field: Pick<GraphQLFieldConfig<unknown, { viewer: Viewer | null }>, "resolve" | "subscribe">,
  what: "resolve" | "subscribe",
  requirement: Requirement,
): void => {
  const resolve = field[what] ?? defaultFieldResolver;
  field[what] = (source, args, context, info) => {
    const verdict = satisfies(context.viewer, requirement);
    if (verdict === "unauthenticated") throw unauthenticated();
    if (verdict === "forbidden") throw forbidden();
    return resolve(source, args, context, info);
  };
};

const directivesOf = (type: {
  astNode?: { directives?: readonly ConstDirectiveNode[] } | null;
  extensionASTNodes: readonly { directives?: readonly ConstDirectiveNode[] }[];
}) => [type.astNode, ...type.extensionASTNodes].flatMap((node) => node?.directives ?? []);

/** `federation__authenticated` and `authenticated` are the same directive, imported or not. */
const localName = (name: string): string => name.split("__").at(-1) ?? name;
