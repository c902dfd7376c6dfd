import type { Viewer } from "@supergraph/service";
import type { CallContext, Outcome, SubgraphFetch } from "./call.ts";
import type { Deadline } from "./deadline.ts";
import { onDeparture, stay } from "./departure.ts";
import type { PropagateHeaders } from "./headers.ts";

/** One call that is under way, and all who wait for it. */
export class Flight {
  readonly deadline: Deadline;
  readonly outcome: Promise<Outcome>;
  /** Of {@link Flights}: mutations that had ended when it began. */
  readonly mutations: number;
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number;
  #waiting = 0;
  #isTaken = false;

  constructor(deadline: Deadline, outcome: Promise<Outcome>, mutations: number, startedAt: number) {
    this.deadline = deadline;
    this.outcome = outcome;
    this.mutations = mutations;
    this.startedAt = startedAt;
  }

  /** Null once `signal` is aborted, which costs the others nothing; when all have gone the call is given up. */
  wait(signal: AbortSignal | undefined): Promise<Outcome | null> {
    this.#waiting += 1;
    if (!signal) return this.outcome;
    return new Promise((resolve) => {
      const leave = () => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.deadline.abandon();
        resolve(null);
      };
      if (signal.aborted) {
        leave();
        return;
      }
      onDeparture(signal, leave);
      void this.outcome.then((outcome) => {
        stay(signal, leave);
        resolve(outcome);
      });
    });
  }

  /** True for one who waits: objects are merged into, so that each of the others needs its own. */
  takeResponse(): boolean {
    const isFirst = !this.#isTaken;
    this.#isTaken = true;
    return isFirst;
  }
}

/** Queries that are under way, by all that their answer depends on. */
export interface Flights {
  /** What shares an answer: the same body to the same subgraph with the same headers for the same viewer. */
  keyOf(fetch: SubgraphFetch, context: CallContext): string;
  /** A call that `key`'s answer may be taken from. */
  find(key: string): Flight | undefined;
  add(key: string, flight: Flight): void;
  /** Who asks after a mutation has ended is to see what it did, not what was asked for before. */
  noteMutation(): void;
  readonly mutations: number;
}

/**
 * @param isSigned Whether the subgraph is told the viewer: else no answer depends on it.
 * @param joinWithinMs No call is joined after so long: it may have no time left for who comes late.
 */
export const createFlights = (options: {
  readonly propagate: PropagateHeaders;
  readonly isSigned: boolean;
  readonly joinWithinMs: number;
}): Flights => {
  const { propagate, isSigned, joinWithinMs } = options;
  const flights = new Map<string, Flight>();
  // Both are the same objects for all calls of a client's request.
  const viewerTexts = new WeakMap<Viewer, string>();
  const headerTexts = new WeakMap<Readonly<Record<string, string>>, string>();
  let mutations = 0;

  const viewerText = (viewer: Viewer | null): string => {
    if (!viewer || !isSigned) return "";
    const known = viewerTexts.get(viewer);
    if (known !== undefined) return known;
    const { userId, sessionId, roles, scopes } = viewer;
    const text = JSON.stringify([userId, sessionId, roles, scopes]);
    viewerTexts.set(viewer, text);
    return text;
  };

  const headerText = (headers: Readonly<Record<string, string>>): string => {
    const known = headerTexts.get(headers);
    if (known !== undefined) return known;
    const text = JSON.stringify(headers);
    headerTexts.set(headers, text);
    return text;
  };

  return {
    // Neither text has a line feed: JSON escapes it.
    keyOf: ({ body }, { viewer, clientHeaders }) =>
      `${viewerText(viewer)}\n${headerText(propagate(clientHeaders))}\n${body}`,
    find(key) {
      const flight = flights.get(key);
      if (!flight || flight.mutations !== mutations || flight.deadline.over) return undefined;
      return performance.now() - flight.startedAt < joinWithinMs ? flight : undefined;
    },
    add(key, flight) {
      flights.set(key, flight);
      void flight.outcome.then(() => {
        // A younger one may have taken its place.
        if (flights.get(key) === flight) flights.delete(key);
      });
    },
    noteMutation() {
      mutations += 1;
    },
    get mutations() {
      return mutations;
    },
  };
};
