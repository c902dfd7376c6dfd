/** What tells how much is under way; the names are those of the metric's reasons. */
export const LOAD_KINDS = [
  "outbox_depth",
  "outbox_age",
  "consumer_lag",
  "placing",
  "placing_age",
  "event_loop",
] as const;

export type LoadKind = (typeof LOAD_KINDS)[number];

/**
 * Messages that are to be published (`outbox_depth`), for how many milliseconds the oldest of them waits (`outbox_age`),
 * answers that wait to be handled here (`consumer_lag`), carts being filled and orders being placed by this process
 * (`placing`), for how many milliseconds the oldest of those has been at it (`placing_age`), and by how many milliseconds
 * this process is late at what it does (`event_loop`).
 */
export type Load = Readonly<Record<LoadKind, number>>;

/** At which load an order is not taken any more; of one kind suffices. */
export type LoadLimits = Load;

/**
 * 30,000 messages are what 100 orders a second leave behind while the broker is away for more than a minute, and what
 * the relay publishes within seconds. Two minutes are far below the 15 after which a checkout is given up. Whoever waits for
 * an order gives up after 5 s and asks again, and what is placed for nobody keeps others waiting until nobody is answered
 * any more. Placing an order may take 1 s, filling a cart half of that, and as much goes by on the way: who would wait longer
 * is told at once.
 */
export const DEFAULT_LOAD_LIMITS: LoadLimits = {
  outbox_depth: 30_000,
  outbox_age: 2 * 60_000,
  consumer_lag: 20_000,
  placing: 256,
  placing_age: 1_000,
  event_loop: 500,
};

export const NO_LOAD: Load = {
  outbox_depth: 0,
  outbox_age: 0,
  consumer_lag: 0,
  placing: 0,
  placing_age: 0,
  event_loop: 0,
};

/** Of its limit: a load that has gone below is over. Where both were one, the shop would open and close by the second. */
const RECOVERED_BELOW = 0.8;

/** So few messages may be old without anything being wrong but with them: one that cannot be published closes no shop. */
const FEW_MESSAGES = 100;

/** So few orders may take long without anything being wrong but with them: one connection that hangs closes no shop. */
const FEW_ORDERS = 10;

/** Of what there is too much for placing orders, given of what there was before; empty where orders are taken. */
export const overload = (before: readonly LoadKind[], load: Load, limits: LoadLimits): LoadKind[] =>
  LOAD_KINDS.filter((kind) => isTooMuch(kind, before, load, limits[kind]));

const isTooMuch = (kind: LoadKind, before: readonly LoadKind[], load: Load, limit: number): boolean => {
  if (kind === "outbox_age" && load.outbox_depth < FEW_MESSAGES) return false;
  if (kind === "placing_age" && load.placing < FEW_ORDERS) return false;
  return load[kind] >= limit * (before.includes(kind) ? RECOVERED_BELOW : 1);
};

/** What there is too much of in this process, rather than behind it. */
const OF_THIS_PROCESS: ReadonlySet<LoadKind> = new Set(["placing", "placing_age", "event_loop"]);

/** Of the limits for orders: whoever was let in to fill a cart is to get through with its order. */
const CARTS_SHARE = 1 / 2;

/**
 * Of what there is too much for filling carts, which leaves nothing to publish behind: of this process's own work, and
 * from half of where orders are refused.
 */
export const overloadForCarts = (before: readonly LoadKind[], load: Load, limits: LoadLimits): LoadKind[] =>
  LOAD_KINDS.filter((kind) => OF_THIS_PROCESS.has(kind) && isTooMuch(kind, before, load, limits[kind] * CARTS_SHARE));

/** How many were taken and refused in the last while. */
export interface Demand {
  readonly taken: number;
  readonly refused: number;
}

/** By how much longer than usual those who are refused are to stay away. */
export const USUAL_PATIENCE = 1;
const MOST_PATIENCE = 32;
const PATIENCE_GROWS_BY = 1.5;

/**
 * The patience to ask for from now on, given that of before and what came of it. Those who were refused come back, and to
 * refuse costs something, too: while more than a third are refused they are to come back later.
 */
export const nextPatience = (patience: number, { taken, refused }: Demand): number => {
  if (refused > taken / 2) return Math.min(MOST_PATIENCE, patience * PATIENCE_GROWS_BY);
  return refused < taken / 4 || refused === 0 ? Math.max(USUAL_PATIENCE, patience / PATIENCE_GROWS_BY) : patience;
};

/** Who stays away for longer has gone for good. */
const LONGEST_PAUSE_MS = 10_000;

/**
 * When to try again, in milliseconds. `random` is from 0 to 1: those who were refused together are not to come back
 * together.
 */
export const retryAfterMs = (overloaded: readonly LoadKind[], patience: number, random: number): number => {
  const passesSoon = overloaded.every((kind) => OF_THIS_PROCESS.has(kind));
  return Math.round(Math.min(LONGEST_PAUSE_MS, (passesSoon ? 500 : 5_000) * patience) * (1 + random));
};
