import type { Faults, Guard } from "@supergraph/failpoints";
import type { Random } from "./random.ts";

export type Subgraph = "users" | "products" | "orders" | "payments";
export const SUBGRAPHS: readonly Subgraph[] = ["users", "products", "orders", "payments"];

export type ServiceName = Subgraph | "sandbox-provider" | "router";
export const SERVICES: readonly ServiceName[] = [...SUBGRAPHS, "sandbox-provider", "router"];

/** Whom a service talks to through a proxy. `postgres` is its own database. */
export type Peer = ServiceName | "postgres" | "nats";

/** The whole shop as real processes, and every handle by which it can be hurt. */
export interface System {
  /** Of the router's GraphQL; not through a proxy. */
  readonly endpoint: string;
  /** Direct, not through the proxies: for the checker. */
  readonly databaseUrls: Readonly<Record<Subgraph, string>>;
  /** Of each database's superuser. */
  readonly adminUrls: Readonly<Record<Subgraph, string>>;
  /** Direct, not through the proxies. */
  readonly brokerUrl: string;
  /** The sandbox provider's `journal.jsonl`. */
  readonly journal: string;
  readonly shop: Shop;
  /** Logs of all processes are in it; it is removed by `stop` unless it is to be kept. */
  readonly directory: string;
  /** @param copy 0, the first, unless given. */
  service(name: ServiceName, copy?: number): ManagedService;
  /** Every process of the services, copies included. */
  services(): readonly ManagedService[];
  /** Starts one more process of a subgraph, on the same database and broker, and waits until it is ready. */
  addCopy(name: Subgraph): Promise<ManagedService>;
  postgres(name: Subgraph): PostgresServer;
  readonly broker: Broker;
  /** @throws RangeError when `from` has no connection to `to`. */
  link(from: ServiceName, to: Peer): TcpProxy;
  links(): readonly Link[];
  /** Takes every fault back: links heal, servers run, services run without faults, copies are stopped. All are ready. */
  heal(): Promise<void>;
  /** Stops everything. Safe to repeat. */
  stop(): Promise<void>;
}

export interface Link {
  readonly from: ServiceName;
  readonly to: Peer;
  readonly proxy: TcpProxy;
}

/** What there is to buy, and who buys. */
export interface Shop {
  readonly customers: readonly Account[];
  /** Somebody of the staff who may see and refund what customers bought. */
  readonly support: Account;
  /** Variants of which there is more than any run sells. */
  readonly plentiful: readonly Ware[];
  /** Variants of which there are fewer than customers who want them. */
  readonly scarce: readonly Ware[];
}

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

export interface Ware {
  readonly variantId: string;
  readonly onHand: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ManagedService {
  readonly name: ServiceName;
  readonly copy: number;
  /** Of the process that runs now; undefined while none does. */
  readonly pid: number | undefined;
  /** How often it was started. */
  readonly starts: number;
  /** `http://127.0.0.1:<port>`, direct. */
  readonly origin: string;
  readonly logFile: string;
  /** SIGKILL; the supervisor starts it again. Resolves when the process has ended. */
  kill(): Promise<Ended>;
  /** SIGKILL, and stays dead until `start`. */
  killAndHold(): Promise<Ended>;
  /** SIGTERM, waits for the end, and stays stopped until `start`. */
  stop(): Promise<Ended>;
  /**
   * Starts it, or ends what runs by SIGTERM and starts it anew, with these faults, and these variables beside its own,
   * until the next `start`; waits for ready.
   */
  start(faults?: Faults, variables?: Readonly<Record<string, string>>): Promise<void>;
  /** As `start`, and does not wait until it is ready: it may die before. */
  launch(faults?: Faults, variables?: Readonly<Record<string, string>>): Promise<void>;
  pause(): void;
  resume(): void;
  ready(): Promise<void>;
  /** The end of the process that runs now, or of the last one. */
  ended(): Promise<Ended>;
}

export interface Server {
  /** SIGKILL to all of its processes, and stays dead until `start`. */
  kill(): Promise<void>;
  /** Resolves once it answers. */
  start(): Promise<void>;
  readonly running: boolean;
}

export interface PostgresServer extends Server {
  readonly logFile: string;
  /** Null where its files do not stand on a file system of their own, of limited size. */
  readonly disk: Disk | null;
}

export interface Disk {
  /** Leaves no byte free. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

export interface Broker extends Server {
  /** Kills the server, deletes all that it stored, and starts it again. Resolves once it answers. */
  wipe(): Promise<void>;
}

/** A TCP proxy. Only one fault at a time; a new one replaces the last. */
export interface TcpProxy {
  readonly port: number;
  counts(): ProxyCounts;
  /** Every chunk arrives this much later, in order. */
  latency(ms: number): void;
  /** Connections stay, nothing arrives; what was held arrives after `heal`, as TCP would have it. */
  blackHole(): void;
  /** Ends every connection by RST; new ones are taken. */
  reset(): void;
  /** Ends every connection to the server and tells no client; new connections are treated alike. */
  halfOpen(): void;
  /** Ends every connection by RST, and each new one at once. */
  refuse(): void;
  heal(): void;
}

export interface ProxyCounts {
  /** Accepted since the start. */
  readonly connections: number;
  readonly open: number;
  readonly bytes: number;
  /** Now held back by a black hole. */
  readonly heldBytes: number;
  /** That were lost to a half-open connection. */
  readonly lostBytes: number;
  readonly resets: number;
}

/** How customers behave. Shares are of all orders, 0 to 1. */
export interface Mix {
  /** Buy something scarce. */
  readonly scarce: number;
  /** Are cancelled by their customer at a random moment. */
  readonly cancelled: number;
  /** Are sent twice with the same idempotency key at once. */
  readonly doubled: number;
  /** Relative weights of the sandbox provider's payment method tokens. */
  readonly tokens: Readonly<Record<string, number>>;
}

export interface TrafficStats {
  /** Orders that were acknowledged to a client. */
  readonly acknowledged: number;
  /** Answers OVERLOADED with `retryAfterMs`. */
  readonly shed: number;
  /** Requests that failed in a way that a good client tries again: refused or broken connection, 5xx, SUBGRAPH_UNAVAILABLE, … */
  readonly retried: number;
  /** Everything else that was no success, as text. There should be none. */
  readonly failures: readonly string[];
  /** Of each placeOrder request that acknowledged an order, milliseconds; earlier tries do not count. */
  readonly latenciesMs: readonly number[];
}

export interface Traffic {
  /** Since the start. */
  stats(): TrafficStats;
  /** Since the call; `end` may be called repeatedly. */
  measure(): { end(): TrafficStats & { readonly p50Ms: number; readonly p99Ms: number } };
  readonly rate: number;
  /** Orders a second that customers begin, whether earlier ones are answered or not. */
  setRate(perSecond: number): void;
  /** What is not given goes back to the default. */
  setMix(mix: Partial<Mix>): void;
  /**
   * Of the customers who are there now, those who were refused for overload, or will be, do not try again: what they were
   * told is the last word.
   */
  sendRefusedAway(): void;
  /** Begins no new order, finishes those begun. */
  stop(): Promise<void>;
}

export interface World {
  readonly system: System;
  readonly traffic: Traffic;
  /** Seeded by the run's seed and the row's name. */
  readonly random: Random;
  /** About how long the faults may last, all together; a row may shorten, not lengthen. */
  readonly seconds: number;
  /** A line for the report: what was done, figures. */
  say(text: string): void;
}

/**
 * A kind of fault. It hurts the system while traffic runs and throws when the fault did not really happen. It need not
 * repair what it broke: the program heals the system afterwards, waits for quiescence and asks the checker.
 */
export interface Row {
  readonly name: string;
  /** Seconds that its faults take in the short run. */
  readonly shortSeconds: number;
  /** Why it cannot run here, or null. */
  unavailable?(system: System): string | null;
  /** What customers do during it, where it differs. */
  readonly mix?: Partial<Mix>;
  /** The system is started without this guard, and the checker must report a violation that matches. */
  readonly broken?: { readonly off: Guard; readonly violation: RegExp };
  run(world: World): Promise<void>;
}
