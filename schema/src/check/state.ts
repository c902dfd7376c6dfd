import { type LoadedSupergraph, loadSupergraph } from "@supergraph/router/planning";
import { ConfigError } from "@supergraph/service/config";
import type { GraphQLSchema } from "graphql";
import {
  type Composition,
  composeDocuments,
  mergeDocuments,
  type Problem,
  parseSubgraphs,
} from "../composition/compose.ts";
import { composeErrorFindings, composeHintFindings } from "../composition/findings.ts";
import { checkSatisfiabilityInThread, composeInThread, isWorthAThread } from "../composition/threads.ts";
import type { Finding, Side } from "../findings/finding.ts";
import { type Definitions, indexDefinitions, type ParsedSubgraph } from "../revisions/definitions.ts";
import type { Revision } from "../revisions/revision.ts";
import { unservableFinding } from "./unservable.ts";

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

export interface OpenOptions {
  readonly cache: CompositionCache | null;
  /** All of composing goes beside what this thread does, until this says that nobody waits for it any more. */
  readonly aside?: AbortSignal;
  /** Done while other threads compose. */
  readonly meanwhile?: () => void;
}

export const openState = async (revision: Revision, side: Side, options: OpenOptions): Promise<State> => {
  const parsed = parseState(revision, side);
  return parsed.kind === "unparsed" ? parsed : loadState(parsed, options);
};

/** A revision whose subgraphs are GraphQL. */
export interface ParsedState {
  readonly kind: "parsed";
  readonly side: Side;
  readonly revision: Revision;
  readonly subgraphs: readonly ParsedSubgraph[];
  readonly definitions: Definitions;
}

export const parseState = (revision: Revision, side: Side): ParsedState | (State & { readonly kind: "unparsed" }) => {
  const parsed = parseSubgraphs(revision.subgraphs);
  if (parsed.kind === "failed")
    return { kind: "unparsed", findings: composeErrorFindings(parsed.errors, indexDefinitions([], side)) };
  const { subgraphs } = parsed;
  return { kind: "parsed", side, revision, subgraphs, definitions: indexDefinitions(subgraphs, side) };
};

/** Composes, and opens with the router's own loader. Of a large graph both are done at once, in two threads. */
export const loadState = async (parsed: ParsedState, { cache, aside, meanwhile }: OpenOptions): Promise<State> => {
  const { side, revision, subgraphs, definitions } = parsed;
  const kept = await cache?.get(subgraphs);
  const composing = kept ? { composed: { kind: "composed" as const, ...kept } } : begin(subgraphs, aside);
  const merged = "merged" in composing ? composing.merged : undefined;
  const early = merged?.kind === "composed" ? merged.supergraphSdl : null;
  const loadedEarly = early === null ? null : load(early);
  meanwhile?.();
  const composed = await composing.composed;
  if (composed.kind === "failed")
    return { kind: "uncomposed", findings: composeErrorFindings(composed.errors, definitions), subgraphs, definitions };
  const { supergraphSdl, hints } = composed;
  if (!kept) await cache?.put(subgraphs, { supergraphSdl, hints });

  const findings = composeHintFindings(hints, definitions);
  const loaded = loadedEarly !== null && early === supergraphSdl ? loadedEarly : load(supergraphSdl);
  if (loaded.kind === "refused")
    return {
      kind: "unservable",
      findings: [...findings, unservableFinding(loaded.message, subgraphs, side)],
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

interface Composing {
  readonly composed: Composition | Promise<Composition>;
  /** What will be composed if it can be satisfied. */
  readonly merged?: Composition;
}

const begin = (subgraphs: readonly ParsedSubgraph[], aside: AbortSignal | undefined): Composing => {
  if (!isWorthAThread(subgraphs)) return { composed: composeDocuments(subgraphs) };
  // A thread that fails, for want of memory, has said nothing of the graph.
  const otherwise = () => composeDocuments(subgraphs);
  if (aside)
    return {
      composed: composeInThread(subgraphs, aside).catch((error: unknown) => {
        if (aside.aborted) throw error;
        return otherwise();
      }),
    };
  const merged = mergeDocuments(subgraphs);
  if (merged.kind === "failed") return { composed: merged };
  const composed = checkSatisfiabilityInThread(merged.supergraphSdl).then(
    ({ errors, hints }): Composition =>
      errors.length > 0 ? { kind: "failed", errors } : { ...merged, hints: [...merged.hints, ...hints] },
    otherwise,
  );
  return { composed, merged };
};

const load = (sdl: string): { kind: "loaded"; supergraph: LoadedSupergraph } | { kind: "refused"; message: string } => {
  try {
    return { kind: "loaded", supergraph: loadSupergraph(sdl) };
  } catch (error) {
    if (error instanceof ConfigError) return { kind: "refused", message: error.message };
    throw error;
  }
};
