import { composeServices } from "@apollo/composition";
import { type ServiceDefinition, Supergraph } from "@apollo/federation-internals";
import { GraphQLError, type Location, lexicographicSortSchema, parse, printSchema, Source } from "graphql";

export interface SubgraphSource {
  readonly name: string;
  /** Where the router reaches it unless told otherwise. */
  readonly url: string;
  readonly sdl: string;
  /** The file that `sdl` came from; problems are told with it. */
  readonly path: string;
}

export interface Problem {
  /** Of the federation specification: `INVALID_FIELD_SHARING`, `INCONSISTENT_DESCRIPTION`. */
  readonly code: string;
  readonly message: string;
  /** `path:line:column` of every place that the problem involves; empty where composition does not tell. */
  readonly locations: readonly string[];
}

export type Composition =
  | {
      readonly kind: "composed";
      /** What a router loads. */
      readonly supergraphSdl: string;
      /** What clients see: no federation directives, nothing that is `@inaccessible`. */
      readonly apiSdl: string;
      /** What composes, but loses or blurs something; `code` says what. */
      readonly hints: readonly Problem[];
    }
  | { readonly kind: "failed"; readonly errors: readonly Problem[] };

/**
 * Composes federation 2 subgraphs. The same subgraphs, in any order, always give the same texts.
 * Invalid SDL and conflicts between subgraphs are `failed`, never thrown.
 */
export const composeSubgraphs = (subgraphs: readonly SubgraphSource[]): Composition => {
  const parsed = [...subgraphs].sort((a, b) => (a.name < b.name ? -1 : 1)).map(parseSubgraph);
  const errors = parsed.flatMap((subgraph) => (subgraph.kind === "invalid" ? [subgraph.error] : []));
  if (errors.length > 0) return { kind: "failed", errors };

  const result = composeServices(parsed.flatMap((subgraph) => (subgraph.kind === "parsed" ? [subgraph.service] : [])));
  if (result.errors) return { kind: "failed", errors: result.errors.map(problemOf) };
  return {
    kind: "composed",
    supergraphSdl: withFinalNewline(result.supergraphSdl),
    apiSdl: withFinalNewline(printApiSchema(result.supergraphSdl)),
    hints: result.hints.map((hint) => ({
      code: hint.definition.code,
      message: hint.message,
      locations: locationsOf((hint.nodes ?? []).map(({ loc }) => loc)),
    })),
  };
};

type ParsedSubgraph = { kind: "parsed"; service: ServiceDefinition } | { kind: "invalid"; error: Problem };

const parseSubgraph = ({ name, url, sdl, path }: SubgraphSource): ParsedSubgraph => {
  try {
    return { kind: "parsed", service: { name, url, typeDefs: parse(new Source(sdl, path)) } };
  } catch (error) {
    if (error instanceof GraphQLError) return { kind: "invalid", error: problemOf(error) };
    throw error;
  }
};

/** Sorted, so that moving a type from one subgraph to another is no change of the API. */
const printApiSchema = (supergraphSdl: string): string =>
  printSchema(
    lexicographicSortSchema(
      Supergraph.build(supergraphSdl, { supportedFeatures: null }).apiSchema().toGraphQLJSSchema(),
    ),
  );

const problemOf = (error: GraphQLError): Problem => ({
  code: typeof error.extensions.code === "string" ? error.extensions.code : "INVALID_GRAPHQL",
  message: error.message,
  locations: locationsOf(
    error.nodes
      ? error.nodes.map(({ loc }) => loc)
      : (error.locations ?? []).map((at) => ({ at, source: error.source })),
  ),
});

type Place = Location | { at: { line: number; column: number }; source: Source | undefined } | undefined;

const locationsOf = (places: readonly Place[]): string[] => [
  ...new Set(
    places.flatMap((place) => {
      if (!place) return [];
      const { line, column } = "at" in place ? place.at : place.startToken;
      return [`${place.source?.name ?? "unknown"}:${line}:${column}`];
    }),
  ),
];

const withFinalNewline = (text: string): string => `${text.trimEnd()}\n`;
