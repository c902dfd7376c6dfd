import {
  type CompositionOptions,
  type CompositionResult,
  composeServices,
  extractValidationError,
} from "@apollo/composition";
import type { ServiceDefinition } from "@apollo/federation-internals";
import { type ASTNode, type DocumentNode, GraphQLError, Kind, parse, Source } from "graphql";
import { faultOf } from "./faults.ts";
import { linksToldIn } from "./links.ts";
import { type Unsatisfiable, unsatisfiableMutationOf, unsatisfiableOf } from "./satisfiability.ts";

export interface SubgraphSource {
  readonly name: string;
  /** Where the router reaches it unless told otherwise. */
  readonly url: string;
  readonly sdl: string;
  /** The file that `sdl` came from; problems are told with it. */
  readonly path: string;
}

/** A place in a subgraph's file; line and column from 1. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** In UTF-16 units from the beginning. */
  readonly offset: number;
}

export interface Problem {
  /** Of the federation specification: `INVALID_FIELD_SHARING`, `INCONSISTENT_DESCRIPTION`; `SUBGRAPH_SYNTAX_ERROR`. */
  readonly code: string;
  readonly message: string;
  /** Every place that the problem involves; none where composition does not tell. */
  readonly places: readonly Place[];
  /** Those whose files the places are in. */
  readonly subgraphs: readonly string[];
  /** Of a `SATISFIABILITY_ERROR`, what cannot be answered. */
  readonly unsatisfiable: Unsatisfiable | null;
}

export type Composition =
  | {
      readonly kind: "composed";
      /** What a router loads. */
      readonly supergraphSdl: string;
      /** What composes, but loses or blurs something; `code` says what. */
      readonly hints: readonly Problem[];
    }
  | { readonly kind: "failed"; readonly errors: readonly Problem[] };

export type Parsed<Subgraph> =
  | { readonly kind: "parsed"; readonly subgraphs: readonly (Subgraph & { readonly document: DocumentNode })[] }
  | { readonly kind: "failed"; readonly errors: readonly Problem[] };

/**
 * Composes federation 2 subgraphs. The same subgraphs, in any order, always give the same text.
 * Invalid SDL and conflicts between subgraphs are `failed`, never thrown.
 */
export const composeSubgraphs = (subgraphs: readonly SubgraphSource[]): Composition => {
  const parsed = parseSubgraphs(subgraphs);
  return parsed.kind === "failed" ? parsed : composeDocuments(parsed.subgraphs);
};

/** Syntax errors of all of them, not only of the first. */
export const parseSubgraphs = <Subgraph extends SubgraphSource>(subgraphs: readonly Subgraph[]): Parsed<Subgraph> => {
  const errors: Problem[] = [];
  const parsed = subgraphs.flatMap((subgraph) => {
    try {
      return [{ ...subgraph, document: parse(new Source(subgraph.sdl, subgraph.path)) }];
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const [{ line, column } = { line: 1, column: 1 }] = error.locations ?? [];
      const place = { path: subgraph.path, line, column, offset: error.positions?.[0] ?? 0 };
      errors.push({
        code: "SUBGRAPH_SYNTAX_ERROR",
        message: error.message,
        places: [place],
        subgraphs: [subgraph.name],
        unsatisfiable: null,
      });
      return [];
    }
  });
  return errors.length > 0 ? { kind: "failed", errors } : { kind: "parsed", subgraphs: parsed };
};

export type SubgraphDocument = Omit<SubgraphSource, "sdl"> & { readonly document: DocumentNode };

/** As {@link composeSubgraphs}, of documents that were parsed with their places. */
export const composeDocuments = (subgraphs: readonly SubgraphDocument[]): Composition => compose(subgraphs, {});

/** The first half of composing: whether clients can be answered at all is left to `checkSatisfiability`. */
export const mergeDocuments = (subgraphs: readonly SubgraphDocument[]): Composition =>
  compose(subgraphs, { runSatisfiability: false });

const compose = (subgraphs: readonly SubgraphDocument[], options: CompositionOptions): Composition => {
  const services: ServiceDefinition[] = subgraphs
    .map(({ name, url, document }) => ({ name, url, typeDefs: document }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const subgraphAt = new Map(subgraphs.map(({ path, name }) => [path, name]));
  const result = composeOrStumble(services, options);
  if (result.errors)
    return { kind: "failed", errors: result.errors.map((error) => problemOf(error, subgraphs, subgraphAt)) };
  return {
    kind: "composed",
    supergraphSdl: withFinalNewline(result.supergraphSdl),
    hints: result.hints.map((hint) => hintOf(hint, subgraphAt)),
  };
};

/** `subgraphAt` tells whose the files are that problems can be in. */
export const hintOf = (
  { definition, message, nodes }: NonNullable<CompositionResult["hints"]>[number],
  subgraphAt: ReadonlyMap<string, string>,
): Problem => ({ code: definition.code, message, ...placesOf(nodes ?? [], subgraphAt), unsatisfiable: null });

const composeOrStumble = (services: ServiceDefinition[], options: CompositionOptions): CompositionResult => {
  try {
    return composeServices(services, options);
  } catch (thrown) {
    return { errors: [faultOf(thrown, services)] };
  }
};

/** As {@link hintOf}. */
export const problemOf = (
  error: GraphQLError,
  subgraphs: readonly SubgraphDocument[],
  subgraphAt: ReadonlyMap<string, string>,
): Problem => {
  const validation = extractValidationError(error);
  const code = typeof error.extensions.code === "string" ? error.extensions.code : "COMPOSITION_ERROR";
  const { message, nodes = [] } = error;
  return {
    code,
    message,
    ...placesOf(nodes.length > 0 ? nodes : linksToldIn(code, message, subgraphs), subgraphAt),
    unsatisfiable: validation
      ? unsatisfiableOf(validation)
      : code === "SATISFIABILITY_ERROR"
        ? unsatisfiableMutationOf(message)
        : null,
  };
};

const placesOf = (
  nodes: readonly ASTNode[],
  subgraphAt: ReadonlyMap<string, string>,
): Pick<Problem, "places" | "subgraphs"> => {
  const places = new Map<string, Place>();
  for (const node of nodes) {
    // A definition begins with its description or keyword; its name is what is looked for. That of a directive is behind its @.
    const { loc } = "name" in node && node.name && node.kind !== Kind.DIRECTIVE ? node.name : node;
    // What composition makes up itself, such as the definitions of its directives, is in no file.
    if (!loc || !subgraphAt.has(loc.source.name)) continue;
    const { line, column } = loc.startToken;
    const path = loc.source.name;
    places.set(`${path}:${line}:${column}`, { path, line, column, offset: loc.start });
  }
  const subgraphs = new Set([...places.values()].flatMap(({ path }) => subgraphAt.get(path) ?? []));
  return { places: [...places.values()], subgraphs: [...subgraphs].sort() };
};

export const withFinalNewline = (text: string): string => `${text.trimEnd()}\n`;
