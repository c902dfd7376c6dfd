import { IDLE_GRACE_MS, type Logger } from "@supergraph/service";
import { Pool } from "undici";
import type { Failed } from "./call.ts";
import type { EjectionSettings, SubgraphSettings } from "./settings.ts";

/** One of the places where a subgraph answers, with the sockets to it. */
export interface Replica {
  readonly index: number;
  /** For the log only. */
  readonly url: string;
  readonly path: string;
  readonly calls: Pool;
  /** Streams hold their sockets for long: they must not take those of the calls. */
  readonly streams: Pool;
  readonly inFlight: number;
}

export interface ReplicaState {
  readonly index: number;
  readonly ejected: boolean;
}

export interface Replicas {
  /** Takes the one of two that has less to do. Each is to be given back by {@link release}. */
  pick(not?: Replica): Replica;
  release(replica: Replica, health: Failed["health"]): void;
  readonly state: readonly ReplicaState[];
  close(): Promise<void>;
}

/**
 * Sockets that rest for longer are closed from here. A subgraph that stops serves those that it has for longer than
 * that ({@link IDLE_GRACE_MS}), so no request is sent on a socket that is being closed.
 */
const KEEP_ALIVE_MS = IDLE_GRACE_MS / 2;

const MAX_EJECTIONS = 10;

type Tracked = { -readonly [Key in keyof Replica]: Replica[Key] } & {
  failuresInARow: number;
  /** Since it last answered. */
  ejections: number;
  /** Milliseconds of `now`; null while it is not left out. */
  ejectedUntil: number | null;
  isOnTrial: boolean;
};

export interface ReplicaOptions {
  readonly name: string;
  readonly urls: readonly string[];
  readonly settings: Pick<SubgraphSettings, "connectTimeoutMs" | "maxConcurrent" | "ejection">;
  readonly log: Logger;
  readonly now?: () => number;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export const createReplicas = ({
  name,
  urls,
  settings,
  log,
  now = performance.now.bind(performance),
  random = Math.random,
}: ReplicaOptions): Replicas => {
  const { ejection } = settings;
  const replicas = urls.map((url, index) => open(url, index, settings));
  const [first] = replicas;
  if (!first) throw new Error(`The subgraph ${name} has no URL.`);
  const isSingle = replicas.length === 1;

  const isAvailable = (replica: Tracked): boolean =>
    replica.ejectedUntil === null || (!replica.isOnTrial && now() >= replica.ejectedUntil);

  const choose = (not: Replica | undefined): Tracked => {
    const others = not ? replicas.filter((replica) => replica !== not) : replicas;
    const available = others.filter(isAvailable);
    // Rather a replica that failed than none; and rather the one that just failed than one that is left out.
    const candidates = available.length > 0 ? available : not ? replicas.filter(isAvailable) : replicas;
    return lessBusy(candidates, random) ?? first;
  };

  const pick = (not?: Replica): Replica => {
    const replica = isSingle ? first : choose(not);
    replica.inFlight += 1;
    if (replica.ejectedUntil !== null) replica.isOnTrial = true;
    return replica;
  };

  const release = (replica: Replica, health: Failed["health"]): void => {
    const tracked = replica as Tracked;
    tracked.inFlight -= 1;
    if (isSingle || !ejection) return;
    if (health === "alive") revive(tracked);
    else if (health === "ill") blame(tracked, ejection);
    // A trial that proved nothing: another call may try.
    else tracked.isOnTrial = false;
  };

  const revive = (replica: Tracked): void => {
    replica.failuresInARow = 0;
    // An answer to what was asked before it was left out says nothing of now.
    if (replica.ejectedUntil === null || !replica.isOnTrial) return;
    replica.ejectedUntil = null;
    replica.isOnTrial = false;
    replica.ejections = 0;
    log.info({ subgraph: name, replica: replica.index, url: replica.url }, "a replica answers again");
  };

  const blame = (replica: Tracked, { consecutiveFailures, ejectMs, maxEjectedRatio }: EjectionSettings): void => {
    replica.failuresInARow += 1;
    const isEjected = replica.ejectedUntil !== null;
    if (isEjected ? !replica.isOnTrial : replica.failuresInARow < consecutiveFailures) return;
    const ejected = replicas.filter(({ ejectedUntil }) => ejectedUntil !== null).length;
    if (!isEjected && ejected + 1 > maxEjectedRatio * replicas.length) return;
    replica.isOnTrial = false;
    replica.ejections = Math.min(MAX_EJECTIONS, replica.ejections + 1);
    replica.ejectedUntil = now() + ejectMs * replica.ejections;
    if (!isEjected)
      log.warn({ subgraph: name, replica: replica.index, url: replica.url }, "a replica that fails is left out");
  };

  return {
    pick,
    release,
    get state() {
      return replicas.map(({ index, ejectedUntil }) => ({ index, ejected: ejectedUntil !== null }));
    },
    async close() {
      await Promise.all(replicas.flatMap(({ calls, streams }) => [calls.destroy(), streams.destroy()]));
    },
  };
};

const open = (
  text: string,
  index: number,
  { connectTimeoutMs, maxConcurrent }: ReplicaOptions["settings"],
): Tracked => {
  const url = new URL(text);
  const options = {
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // A call's own deadline counts.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return {
    index,
    // Without what may be a secret.
    url: `${url.origin}${url.pathname}`,
    path: `${url.pathname}${url.search}`,
    calls: new Pool(url.origin, { ...options, connections: maxConcurrent }),
    streams: new Pool(url.origin, options),
    inFlight: 0,
    failuresInARow: 0,
    ejections: 0,
    ejectedUntil: null,
    isOnTrial: false,
  };
};

/** Of two different ones by chance. The least busy of all would get the calls of all routers at once when it comes back. */
const lessBusy = (candidates: readonly Tracked[], random: () => number): Tracked | undefined => {
  const { length } = candidates;
  const one = Math.floor(random() * length);
  const other = length < 2 ? one : (one + 1 + Math.floor(random() * (length - 1))) % length;
  const [a, b] = [candidates[one], candidates[other]];
  return a && b && b.inFlight < a.inFlight ? b : a;
};
