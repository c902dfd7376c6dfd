import type { Logger, RequestSigner } from "@supergraph/service";
import { createAttempt } from "./attempt.ts";
import { type BreakerState, createBreaker } from "./breaker.ts";
import {
  ABANDONED,
  type CallContext,
  type Failed,
  type Outcome,
  ofSent,
  type SubgraphAnswer,
  type SubgraphFetch,
  type Subscription,
} from "./call.ts";
import { Deadline } from "./deadline.ts";
import { createFlights, Flight } from "./deduplication.ts";
import { compileHeaderRules, type HeaderRules } from "./headers.ts";
import { createPerform, unlessOpen } from "./perform.ts";
import { createQueue } from "./queue.ts";
import { createReplicas, type ReplicaState } from "./replicas.ts";
import { createBuildRequest } from "./request.ts";
import { readResponse } from "./response.ts";
import { createRetryBudget } from "./retries.ts";
import type { SubgraphSettings } from "./settings.ts";
import { createOpenStream, type StreamEvent } from "./subscription.ts";

export type { CallContext, SubgraphAnswer, SubgraphFetch, SubgraphResponse, Subscription } from "./call.ts";

export interface SubgraphClient {
  readonly name: string;
  /** Never rejects. */
  call(fetch: SubgraphFetch, context: CallContext, signal?: AbortSignal): Promise<SubgraphAnswer>;
  /** Asks one replica for nothing, to see whether it answers; counts for no call, and asks although the circuit is open. */
  probe(context: CallContext, signal: AbortSignal): Promise<SubgraphAnswer>;
  /** Opens a stream of events, which ends with the subgraph's, or when `signal` is aborted. */
  subscribe(fetch: SubgraphFetch, context: CallContext, signal: AbortSignal): Promise<Subscription>;
  state(): SubgraphState;
  close(): Promise<void>;
}

/** For metrics and health. */
export interface SubgraphState {
  readonly breaker: BreakerState;
  readonly inFlight: number;
  readonly queued: number;
  readonly replicas: readonly ReplicaState[];
}

/**
 * How a call ended: "answered"; "shared" for one that got another's answer; "abandoned" for one whose client went away; or
 * the failure.
 */
export type ObserveCall = (outcome: string, seconds: number) => void;

export interface SubgraphClientOptions {
  readonly name: string;
  /** HTTP URLs of its replicas, one at least. */
  readonly urls: readonly string[];
  readonly settings: SubgraphSettings;
  /** Null where the subgraph verifies nothing. */
  readonly signer: RequestSigner | null;
  /** For transitions; what becomes of a call is logged to the call's own. */
  readonly log: Logger;
  /** What the subgraph sees of a client's headers: nothing unless given. */
  readonly headers?: HeaderRules;
  readonly observe?: ObserveCall;
  readonly onStateChange?: (state: BreakerState) => void;
  /** From 0 to below 1, for pauses and the choice of replicas. */
  readonly random?: () => number;
}

/**
 * Calls one subgraph over HTTP. Every request is signed for this subgraph, if signed at all; no call outlives the
 * settings' `timeoutMs` or holds a response of more than `maxResponseBytes`. Failures are values; their causes and
 * addresses go to the log only.
 */
export const createSubgraphClient = (options: SubgraphClientOptions): SubgraphClient => {
  const { name, urls, settings, signer, log, headers = [], random = Math.random } = options;
  const { observe = () => undefined, onStateChange = () => undefined } = options;
  const { timeoutMs, maxResponseBytes, deduplicate } = settings;

  const propagate = compileHeaderRules(headers);
  const replicas = createReplicas({ name, urls, settings, log, random });
  const queue = createQueue(settings);
  const breaker = createBreaker(settings.breaker, (state) => {
    if (state === "open") log.warn({ subgraph: name }, "the circuit of a subgraph is open: its calls fail at once");
    else log.info({ subgraph: name }, `the circuit of a subgraph is ${state}`);
    onStateChange(state);
  });
  const buildRequest = createBuildRequest({ name, signer, propagate });
  const attempt = createAttempt({ name, buildRequest, maxResponseBytes });
  const budget = createRetryBudget(settings.retryBudget);
  const perform = createPerform({ attempt, replicas, queue, breaker, budget, retries: settings.retries, random });
  const openStream = createOpenStream({ name, buildRequest, timeoutMs, maxResponseBytes });
  const flights = createFlights({ propagate, isSigned: signer !== null, joinWithinMs: timeoutMs / 2 });

  const run = async (fetch: SubgraphFetch, context: CallContext, deadline: Deadline): Promise<Outcome> => {
    try {
      return await perform(fetch, context, deadline);
    } catch (error) {
      // A fault of the router's own: it is not to reach all who share the call as an exception.
      return { ...ABANDONED, failure: ofSent(fetch, "SUBGRAPH_UNAVAILABLE"), detail: { err: error } };
    } finally {
      deadline.clear();
      if (fetch.isMutation) flights.noteMutation();
    }
  };

  const begin = (fetch: SubgraphFetch, context: CallContext, startedAt: number): Flight => {
    const deadline = new Deadline(timeoutMs);
    return new Flight(deadline, run(fetch, context, deadline), flights.mutations, startedAt);
  };

  const failedAnswer = (failed: Failed, context: CallContext): SubgraphAnswer => {
    const { failure, detail, retryAfterMs } = failed;
    // An open circuit was logged when it opened.
    if (failure === "SUBGRAPH_CIRCUIT_OPEN")
      context.log.debug({ subgraph: name, failure }, "a subgraph was not called");
    else if (detail) context.log.error({ subgraph: name, failure, ...detail }, "a subgraph call failed");
    return { kind: "failed", failure, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  };

  const answer = (outcome: Outcome, context: CallContext): SubgraphAnswer =>
    outcome.kind === "answered" ? { kind: "answered", response: outcome.response } : failedAnswer(outcome, context);

  const observed = (outcome: Outcome, seconds: number, answered: "answered" | "shared"): void =>
    observe(outcome.kind === "answered" ? answered : outcome.detail === null ? "abandoned" : outcome.failure, seconds);

  /** What another call brought: objects of its own, since the executor merges into them. */
  const takeFrom = (flight: Flight, outcome: Outcome): Outcome =>
    outcome.kind !== "answered" || flight.takeResponse()
      ? outcome
      : { ...outcome, response: readResponse(outcome.text) ?? outcome.response };

  const join = async (
    flight: Flight,
    context: CallContext,
    signal: AbortSignal | undefined,
    startedAt: number,
  ): Promise<SubgraphAnswer> => {
    const span = context.span.call(name);
    const outcome = (await flight.wait(signal)) ?? ABANDONED;
    span.end(outcome.kind === "failed");
    observed(outcome, secondsSince(startedAt), "shared");
    return answer(takeFrom(flight, outcome), context);
  };

  const answersOf = async function* (
    events: AsyncGenerator<StreamEvent>,
    context: CallContext,
  ): AsyncGenerator<SubgraphAnswer> {
    for await (const event of events) yield answer(event, context);
  };

  return {
    name,

    async call(fetch, context, signal) {
      if (signal?.aborted) return answer(ABANDONED, context);
      const startedAt = performance.now();
      const key = deduplicate && !fetch.isMutation ? flights.keyOf(fetch, context) : null;
      const shared = key === null ? undefined : flights.find(key);
      if (shared) return join(shared, context, signal, startedAt);
      const flight = begin(fetch, context, startedAt);
      if (key !== null) flights.add(key, flight);
      const outcome = (await flight.wait(signal)) ?? ABANDONED;
      observed(outcome, secondsSince(startedAt), "answered");
      return answer(takeFrom(flight, outcome), context);
    },

    async probe(context, signal) {
      const deadline = new Deadline(timeoutMs);
      const replica = replicas.pick();
      const flight = new Flight(deadline, attempt(replica, PROBE, context, deadline), flights.mutations, 0);
      const settled = flight.outcome.then((outcome) => {
        deadline.clear();
        replicas.release(replica, outcome.kind === "answered" ? "alive" : outcome.health);
      });
      const outcome = (await flight.wait(signal)) ?? ABANDONED;
      if (outcome !== ABANDONED) await settled;
      return answer(outcome, context);
    },

    async subscribe(fetch, context, signal) {
      const startedAt = performance.now();
      const replica = replicas.pick();
      let events: AsyncGenerator<StreamEvent> | undefined;
      const outcome = await unlessOpen(breaker, async () => {
        const opened = await openStream(replica, fetch, context, signal);
        if (opened.kind !== "open") return opened;
        events = opened.events;
        return OPENED;
      });
      replicas.release(replica, outcome.kind === "answered" ? "alive" : outcome.health);
      observed(outcome, secondsSince(startedAt), "answered");
      return events ? { kind: "open", events: answersOf(events, context) } : answer(outcome, context);
    },

    state: () => ({
      breaker: breaker.state,
      inFlight: queue.inFlight,
      queued: queue.queued,
      replicas: replicas.state,
    }),

    close: () => replicas.close(),
  };
};

const PROBE: SubgraphFetch = { body: '{"query":"{__typename}","variables":{}}', isMutation: false };

const OPENED: Outcome = { kind: "answered", response: {}, text: "" };

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1_000;
