import { DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, type Schema, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { ConfigError } from "@supergraph/service";
import { GraphQLError, type GraphQLSchema, parse } from "graphql";
import { type Requirements, readRequirements } from "./requirements.ts";

/** Everything that is derived from one supergraph, immutable: another supergraph is another one of these. */
export interface LoadedSupergraph {
  readonly sdl: string;
  /** What clients may ask for: without federation's own, and without what is `@inaccessible`. */
  readonly schema: GraphQLSchema;
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[];
  readonly requirements: Requirements;
  readonly planner: QueryPlanner;
  /** The same schemas as Apollo's executor takes them. */
  readonly apiSchema: Schema;
  readonly supergraphSchema: GraphQLSchema;
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
 * Prepares a federation 2 supergraph for planning. `subgraphUrls` replaces the supergraph's own URLs by the name of the
 * subgraph; names are compared as environment variables spell them (`my-books` is `MY_BOOKS`).
 * @throws ConfigError when `sdl` is no supergraph that this router can serve, or a URL names no subgraph of it.
 */
export const loadSupergraph = (sdl: string, subgraphUrls: Readonly<Record<string, string>>): LoadedSupergraph => {
  const supergraph = build(sdl);
  const apiSchema = supergraph.apiSchema();
  return {
    sdl,
    schema: apiSchema.toGraphQLJSSchema(),
    subgraphs: withUrls(supergraph.subgraphsMetadata(), subgraphUrls),
    requirements: readRequirements(parse(sdl, { noLocation: true })),
    planner: new QueryPlanner(supergraph),
    apiSchema,
    supergraphSchema: supergraph.schema.toGraphQLJSSchema(),
  };
};

const build = (sdl: string): Supergraph => {
  try {
    return Supergraph.build(sdl, { supportedFeatures: SUPPORTED_FEATURES, validateSupergraph: true });
  } catch (error) {
    if (error instanceof GraphQLError || (error instanceof Error && /supergraph|core|Syntax/i.test(error.message)))
      throw new ConfigError(
        `The supergraph cannot be served: ${error.message}. Expected the output of \`npm run schema:compose\` or of any federation 2 composition.`,
      );
    throw error;
  }
};

const withUrls = (
  subgraphs: readonly { name: string; url: string }[],
  urls: Readonly<Record<string, string>>,
): { name: string; url: string }[] => {
  const unused = new Map(Object.entries(urls).map(([name, url]) => [variableName(name), url]));
  const result = subgraphs.map(({ name, url: own }) => {
    const url = unused.get(variableName(name)) ?? own;
    unused.delete(variableName(name));
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new ConfigError(
        `The subgraph ${name} has no HTTP URL. Example: SUBGRAPH_URL_${variableName(name)}=http://localhost:4001/graphql`,
      );
    return { name, url };
  });
  if (unused.size > 0)
    throw new ConfigError(
      `SUBGRAPH_URL_${[...unused.keys()].join(", SUBGRAPH_URL_")}: the supergraph has no such subgraph. It has ${subgraphs.map(({ name }) => name).join(", ")}.`,
    );
  return result;
};

const variableName = (subgraph: string): string => subgraph.toUpperCase().replace(/[^A-Z0-9]/g, "_");
