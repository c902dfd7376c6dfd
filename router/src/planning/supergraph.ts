import {
  DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  errorCauses,
  type Schema,
  Supergraph,
} from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
// Not all of it, which would take a planning thread longer to load than all else.
import { ConfigError } from "@supergraph/service/config";
import { GraphQLError, type GraphQLSchema, parse, printSchema } from "graphql";
import { readTypeRelations, type TypeRelations } from "../executor/object-types.ts";
import { type Requirements, readRequirements } from "./requirements.ts";

/** What serving needs to know of a supergraph: plain data, which can be handed from one thread to another. */
export interface SupergraphFacts {
  /** What clients may ask for: without federation's own, and without what is `@inaccessible`. */
  readonly apiSdl: string;
  /** With the URLs that the supergraph gives them, which may be none. */
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[];
  readonly requirements: Requirements;
  /** Of all types, also of those that clients may not ask for. */
  readonly typeRelations: TypeRelations;
}

/** What planning needs. Loading takes long, and holds much memory: a second for 100 subgraphs. */
export interface LoadedSupergraph {
  readonly facts: SupergraphFacts;
  readonly planner: QueryPlanner;
  readonly apiSchema: Schema;
  /** The API's types for graphql-js. */
  readonly schema: GraphQLSchema;
}

/**
 * Features that are marked `for: SECURITY` must be enforced by whoever loads a supergraph. The router enforces these
 * two, see authorization.ts; any other (`@policy`, `@context`) is refused rather than silently not enforced.
 */
const SUPPORTED_FEATURES: Set<string> = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  "https://specs.apollo.dev/authenticated/v0.1",
  "https://specs.apollo.dev/requiresScopes/v0.1",
]);

/**
 * Prepares a federation 2 supergraph for planning.
 * @throws ConfigError when `sdl` is no supergraph that this router can serve.
 */
export const loadSupergraph = (sdl: string): LoadedSupergraph =>
  // What the planner cannot be made for is refused here, too: spreading makes it.
  orRefuse(() => ({ ...open(sdl) }));

/**
 * As {@link loadSupergraph}, of what it has loaded before: the planner, which is most of the work, is made when it is first asked for.
 */
export const openSupergraph = (sdl: string): LoadedSupergraph => orRefuse(() => open(sdl));

const orRefuse = (load: () => LoadedSupergraph): LoadedSupergraph => {
  try {
    return load();
  } catch (error) {
    if (error instanceof GraphQLError || (error instanceof Error && /supergraph|core|Syntax/i.test(error.message)))
      throw new ConfigError(
        `The supergraph cannot be served: ${reasonOf(error)}. Expected the output of \`npm run schema:compose\` or of any federation 2 composition.`,
      );
    throw error;
  }
};

/** What `@inaccessible` forbids is told as one error with causes, whose text quotes the supergraph. */
const reasonOf = (error: Error): string =>
  (errorCauses(error) ?? [error]).map(({ message }) => message.replace(/\.$/, "")).join("; ");

const open = (sdl: string): LoadedSupergraph => {
  const document = parse(sdl, { noLocation: true });
  const supergraph = Supergraph.build(document, { supportedFeatures: SUPPORTED_FEATURES, validateSupergraph: true });
  const apiSchema = supergraph.apiSchema();
  const schema = apiSchema.toGraphQLJSSchema();
  let planner: QueryPlanner | undefined;
  return {
    facts: {
      apiSdl: printSchema(schema),
      subgraphs: [...supergraph.subgraphsMetadata()].map(({ name, url }) => ({ name, url })),
      requirements: readRequirements(document),
      typeRelations: readTypeRelations(supergraph.schema),
    },
    get planner() {
      planner ??= new QueryPlanner(supergraph);
      return planner;
    },
    apiSchema,
    schema,
  };
};
