import { type LoadedSupergraph, loadSupergraph } from "@supergraph/router/planning";
import { ConfigError } from "@supergraph/service/config";
import type { GraphQLSchema } from "graphql";
import { composeDocuments, type Problem, parseSubgraphs } from "../composition/compose.ts";
import { composeErrorFindings, composeHintFindings } from "../composition/findings.ts";
import { type Finding, finding, type Side } from "../findings/finding.ts";
import { type Definitions, indexDefinitions, type ParsedSubgraph } from "../revisions/definitions.ts";
import type { Revision } from "../revisions/revision.ts";

/** A revision that was read and composed, and that the router's core has loaded. */
export interface ServableState {
  readonly side: Side;
  readonly revision: Revision;
  readonly subgraphs: readonly ParsedSubgraph[];
  readonly definitions: Definitions;
  readonly supergraphSdl: string;
  readonly hints: readonly Problem[];
  /** Opened by the router's own loader. */
  readonly supergraph: LoadedSupergraph;
  /** What clients see. */
  readonly api: GraphQLSchema;
}

/** How far it got: later stages need what earlier ones give. */
export type State =
  | { readonly kind: "unparsed"; readonly findings: readonly Finding[] }
  | {
      readonly kind: "uncomposed";
      readonly findings: readonly Finding[];
      readonly subgraphs: readonly ParsedSubgraph[];
      readonly definitions: Definitions;
    }
  | {
      readonly kind: "unservable";
      readonly findings: readonly Finding[];
      readonly subgraphs: readonly ParsedSubgraph[];
      readonly definitions: Definitions;
      readonly supergraphSdl: string;
    }
  | { readonly kind: "servable"; readonly findings: readonly Finding[]; readonly state: ServableState };

/** Gives the supergraph of subgraphs that were composed before, so that it need not be done again. */
export interface CompositionCache {
  get(subgraphs: readonly ParsedSubgraph[]): Promise<{ supergraphSdl: string; hints: readonly Problem[] } | null>;
  put(
    subgraphs: readonly ParsedSubgraph[],
    composed: { supergraphSdl: string; hints: readonly Problem[] },
  ): Promise<void>;
}

export const openState = async (revision: Revision, side: Side, cache: CompositionCache | null): Promise<State> => {
  const parsed = parseSubgraphs(revision.subgraphs);
  if (parsed.kind === "failed")
    return { kind: "unparsed", findings: composeErrorFindings(parsed.errors, indexDefinitions([], side)) };
  const { subgraphs } = parsed;
  const definitions = indexDefinitions(subgraphs, side);

  const composed = (await cache?.get(subgraphs)) ?? composeDocuments(subgraphs);
  if ("kind" in composed && composed.kind === "failed")
    return { kind: "uncomposed", findings: composeErrorFindings(composed.errors, definitions), subgraphs, definitions };
  const { supergraphSdl, hints } = composed;
  if ("kind" in composed) await cache?.put(subgraphs, { supergraphSdl, hints });

  const findings = composeHintFindings(hints, definitions);
  const loaded = load(supergraphSdl);
  if (loaded.kind === "refused")
    return {
      kind: "unservable",
      findings: [...findings, finding("SUPERGRAPH_NOT_SERVABLE", { message: loaded.message })],
      subgraphs,
      definitions,
      supergraphSdl,
    };
  const { supergraph } = loaded;
  const api = supergraph.schema;
  return {
    kind: "servable",
    findings,
    state: { side, revision, subgraphs, definitions, supergraphSdl, hints, supergraph, api },
  };
};

const load = (sdl: string): { kind: "loaded"; supergraph: LoadedSupergraph } | { kind: "refused"; message: string } => {
  try {
    return { kind: "loaded", supergraph: loadSupergraph(sdl) };
  } catch (error) {
    if (error instanceof ConfigError) return { kind: "refused", message: error.message };
    throw error;
  }
};
