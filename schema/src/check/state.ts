import { type LoadedSupergraph, loadSupergraph, openSupergraph } from "@supergraph/router/planning";
import { ConfigError } from "@supergraph/service/config";
import type { GraphQLSchema } from "graphql";
import { checkSatisfiability, checkSatisfiabilityOfSdl } from "../composition/check-satisfiability.ts";
import { type Composition, mergeDocuments, type Problem, parseSubgraphs } from "../composition/compose.ts";
import { composeErrorFindings, composeHintFindings } from "../composition/findings.ts";
import { composeInThread, isWorthAThread } from "../composition/threads.ts";
import type { Finding, Side } from "../findings/finding.ts";
import type { PlannedCosts } from "../operations/planned.ts";
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

/** What was made of subgraphs before, so that it need not be done again. */
export interface CompositionCache {
  /** What they composed to, if the router's core could load it. */
  get(subgraphs: readonly ParsedSubgraph[]): Promise<Composed | null>;
  put(subgraphs: readonly ParsedSubgraph[], composed: Composed): Promise<void>;
  /** What operations cost to answer, by `costKeyOf`. */
  costs(subgraphs: readonly ParsedSubgraph[]): Promise<PlannedCosts>;
  putCosts(subgraphs: readonly ParsedSubgraph[], costs: PlannedCosts): Promise<void>;
}

export interface Composed {
  readonly supergraphSdl: string;
  readonly hints: readonly Problem[];
}

export interface OpenOptions {
  readonly cache: CompositionCache | null;
  /** A large graph is composed beside what this thread does, until this says that nobody waits for it any more. */
  readonly aside?: AbortSignal;
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

/** Composes, and opens with the router's own loader. */
export const loadState = async (parsed: ParsedState, { cache, aside }: OpenOptions): Promise<State> => {
  const { side, revision, subgraphs, definitions } = parsed;
  const kept = await cache?.get(subgraphs);
  const opened = kept ? open(kept, openSupergraph) : aside ? await composeAside(subgraphs, aside) : compose(subgraphs);
  if (opened.kind === "failed")
    return { kind: "uncomposed", findings: composeErrorFindings(opened.errors, definitions), subgraphs, definitions };
  const { supergraphSdl, hints, loaded } = opened;
  if (!kept && loaded.kind === "loaded") await cache?.put(subgraphs, { supergraphSdl, hints });

  const findings = composeHintFindings(hints, definitions);
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

/** What was composed, and what the router's core made of it. */
type Opened =
  | (Composed & { readonly kind: "opened"; readonly loaded: Loaded })
  | (Composition & { readonly kind: "failed" });

/** Whether all can be answered is looked up on what the router's core has loaded: a large graph takes long to open. */
const compose = (subgraphs: readonly ParsedSubgraph[]): Opened => {
  const merged = mergeDocuments(subgraphs);
  if (merged.kind === "failed") return merged;
  const { supergraphSdl } = merged;
  const loaded = load(supergraphSdl);
  const { errors, hints } =
    loaded.kind === "loaded" ? checkSatisfiability(loaded.supergraph.planner) : checkSatisfiabilityOfSdl(supergraphSdl);
  if (errors.length > 0) return { kind: "failed", errors };
  return { kind: "opened", supergraphSdl, hints: [...merged.hints, ...hints], loaded };
};

const composeAside = async (subgraphs: readonly ParsedSubgraph[], aside: AbortSignal): Promise<Opened> => {
  if (!isWorthAThread(subgraphs)) return compose(subgraphs);
  try {
    const composed = await composeInThread(subgraphs, aside);
    return composed.kind === "failed" ? composed : open(composed);
  } catch (error) {
    if (aside.aborted) throw error;
    // A thread that fails, for want of memory, has said nothing of the graph.
    return compose(subgraphs);
  }
};

const open = ({ supergraphSdl, hints }: Composed, by = loadSupergraph): Opened => ({
  kind: "opened",
  supergraphSdl,
  hints,
  loaded: load(supergraphSdl, by),
});

type Loaded =
  | { readonly kind: "loaded"; readonly supergraph: LoadedSupergraph }
  | { readonly kind: "refused"; readonly message: string };

const load = (sdl: string, by = loadSupergraph): Loaded => {
  try {
    return { kind: "loaded", supergraph: by(sdl) };
  } catch (error) {
    if (error instanceof ConfigError) return { kind: "refused", message: error.message };
    throw error;
  }
};
