import {
  type ConstDirectiveNode,
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
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

/**
 * The requirement that these applied directives declare, or undefined where there is none.
 * @throws Error for a `@requiresScopes` without a single alternative: nobody would satisfy it, or everybody.
 */
export const requirementOf = (directives: readonly ConstDirectiveNode[]): Requirement | undefined =>
  directives.map(declaredBy).reduce(combineRequirements, undefined);

const declaredBy = (directive: ConstDirectiveNode): Requirement | undefined => {
  const name = localName(directive.name.value);
  if (name === "authenticated") return { authenticated: true, scopes: [] };
  if (name !== "requiresScopes") return undefined;
  const argument = directive.arguments?.find((candidate) => candidate.name.value === "scopes");
  const scopes = argument ? (valueFromASTUntyped(argument.value) as string[][]) : [];
  if (scopes.length === 0)
    throw new Error('@requiresScopes lists no scopes: give it alternatives, as in @requiresScopes(scopes: [["a:b"]]).');
  return { authenticated: false, scopes };
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
 * Guards this subgraph's schema by its directives: a field's resolver runs only for a viewer who meets what is required
 * on the field, on its type and on the type that it answers; and a guarded type's reference resolver likewise, so that
 * `_entities` opens no way around. The second of two checks; the router makes the first. Interfaces carry no
 * requirement: federation refuses the directives there.
 * @throws Error where a directive is declared in a way that would silently guard nothing.
 */
export const enforceAuthorization = (schema: GraphQLSchema): GraphQLSchema => {
  refuseRenamedDirectives(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    const ofType = requirementOf(directivesOf(type));
    guardReference(type, ofType);
    for (const field of Object.values(type.getFields())) {
      const requirement = [
        ofType,
        requirementOf(directivesOf(getNamedType(field.type))),
        requirementOf(field.astNode?.directives ?? []),
      ].reduce(combineRequirements, undefined);
      if (!requirement) continue;
      field.resolve = guarded(field.resolve ?? defaultFieldResolver, requirement);
      if (field.subscribe) field.subscribe = guarded(field.subscribe, requirement);
    }
  }
  return schema;
};

const guarded =
  (resolve: Resolver, requirement: Requirement): Resolver =>
  (source, args, context, info) => {
    assertSatisfied(context.viewer, requirement);
    return resolve(source, args, context, info);
  };

/** Where @apollo/subgraph keeps `__resolveReference`; without one the reference itself is the entity. */
const guardReference = (type: GraphQLObjectType, requirement: Requirement | undefined): void => {
  if (!requirement) return;
  const apollo = type.extensions.apollo as { subgraph?: { resolveReference?: ReferenceResolver } } | undefined;
  const resolve: ReferenceResolver = apollo?.subgraph?.resolveReference ?? ((reference) => reference);
  type.extensions = {
    ...type.extensions,
    apollo: {
      ...apollo,
      subgraph: {
        ...apollo?.subgraph,
        // Async, so that a refusal costs this representation only: thrown at once it would fail all of `_entities`.
        resolveReference: async (reference: unknown, context: ViewerContext, info: GraphQLResolveInfo) => {
          assertSatisfied(context.viewer, requirement);
          return resolve(reference, context, info);
        },
      },
    },
  };
};

const assertSatisfied = (viewer: Viewer | null, requirement: Requirement): void => {
  const verdict = satisfies(viewer, requirement);
  if (verdict === "unauthenticated") throw unauthenticated();
  if (verdict === "forbidden") throw forbidden();
};

interface ViewerContext {
  readonly viewer: Viewer | null;
}

type Resolver = GraphQLFieldResolver<unknown, ViewerContext>;

type ReferenceResolver = (reference: unknown, context: ViewerContext, info: GraphQLResolveInfo) => unknown;

const directivesOf = (
  node: Pick<GraphQLNamedType, "astNode" | "extensionASTNodes"> | GraphQLSchema,
): readonly ConstDirectiveNode[] =>
  [node.astNode, ...node.extensionASTNodes].flatMap((declaration) => declaration?.directives ?? []);

/** A directive under a name of its own would be taken for one that requires nothing. */
const refuseRenamedDirectives = (schema: GraphQLSchema): void => {
  for (const link of directivesOf(schema)) {
    const imports = link.arguments?.find(({ name }) => name.value === "import")?.value;
    for (const item of imports?.kind === Kind.LIST ? imports.values : []) {
      const { name, as = name } = Object(valueFromASTUntyped(item)) as { name?: string; as?: string };
      if ((name === "@authenticated" || name === "@requiresScopes") && as !== name)
        throw new Error(`${name} is imported as ${as}, which is not enforced: import it under its own name.`);
    }
  }
};

/** `federation__authenticated` and `authenticated` are the same directive, imported or not. */
const localName = (name: string): string => name.split("__").at(-1) ?? name;
