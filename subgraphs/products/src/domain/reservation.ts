import { available, type Stock } from "./stock.ts";

export interface Line {
  readonly variantId: string;
  readonly quantity: number;
}

/** A line that could not be reserved. */
export interface Shortage {
  readonly variantId: string;
  readonly requested: number;
  readonly available: number;
}

/**
 * What is on record of a reservation; `NONE` before any command. RELEASED and EXPIRED are also the tombstones of
 * reservations that never held anything, because a release, or a deadline, came before the reserve.
 */
export type ReservationState =
  | { readonly kind: "NONE" }
  | { readonly kind: "HELD"; readonly expiresAt: Date }
  | { readonly kind: "COMMITTED"; readonly expiresAt: Date | null }
  | { readonly kind: "RELEASED" }
  | { readonly kind: "RESTOCKED" }
  | { readonly kind: "EXPIRED" }
  | {
      readonly kind: "REJECTED";
      readonly reason: "OUT_OF_STOCK" | "UNKNOWN_VARIANT";
      readonly shortages: readonly Shortage[];
    };

export type ReservationCommand =
  | {
      readonly kind: "reserve";
      readonly lines: readonly Line[];
      readonly expiresAt: Date;
      /** Of the variants of `lines` that exist; only looked at where nothing is on record yet. */
      readonly stock: ReadonlyMap<string, Stock>;
    }
  | { readonly kind: "commit" }
  | { readonly kind: "release" }
  | { readonly kind: "restock" }
  | { readonly kind: "expire" };

/** What the reservation's lines do to the stock: `hold` and `unhold` move `reserved`, `ship` both, `return` `onHand`. */
export type StockMove = "none" | "hold" | "unhold" | "ship" | "return";

export type ReservationAnswer =
  | { readonly kind: "reserved"; readonly expiresAt: Date }
  | {
      readonly kind: "rejected";
      readonly reason: "OUT_OF_STOCK" | "UNKNOWN_VARIANT" | "ALREADY_RELEASED";
      readonly shortages: readonly Shortage[];
    }
  | { readonly kind: "committed" }
  | { readonly kind: "released"; readonly restocked: boolean }
  | { readonly kind: "expired" };

export interface ReservationDecision {
  readonly next: ReservationState;
  readonly move: StockMove;
  /** Null only where `expire` had nothing to do. */
  readonly answer: ReservationAnswer | null;
}

/**
 * Every state takes every command, in any order and any number of times: whatever was decided before stays decided and
 * is answered again. After `release`, `restock` or the end of the hold nothing is held, whatever comes later.
 */
export const decide = (state: ReservationState, command: ReservationCommand, now: Date): ReservationDecision => {
  switch (command.kind) {
    case "reserve":
      return reserve(state, command, now);
    case "commit":
      return commit(state);
    case "release":
      return giveBack(state, { kind: "released", restocked: false });
    case "restock":
      return giveBack(state, { kind: "released", restocked: true });
    case "expire":
      // The hold lasts until it is taken away here: a commit that comes late but finds it is good for everybody.
      return state.kind === "HELD" && state.expiresAt <= now
        ? { next: { kind: "EXPIRED" }, move: "unhold", answer: { kind: "expired" } }
        : { next: state, move: "none", answer: null };
  }
};

/** One line a variant, in id order: two orders that share variants and lock them in different orders would deadlock. */
export const mergeLines = (lines: readonly Line[]): Line[] => {
  const quantities = new Map<string, number>();
  for (const { variantId, quantity } of lines) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
  return [...quantities]
    .map(([variantId, quantity]) => ({ variantId, quantity }))
    .sort((a, b) => (a.variantId < b.variantId ? -1 : 1));
};

const reserve = (
  state: ReservationState,
  { lines, expiresAt, stock }: Extract<ReservationCommand, { kind: "reserve" }>,
  now: Date,
): ReservationDecision => {
  switch (state.kind) {
    case "NONE": {
      if (expiresAt <= now) return { next: { kind: "EXPIRED" }, move: "none", answer: { kind: "expired" } };
      const rejection = findShortages(lines, stock);
      return rejection
        ? { next: { kind: "REJECTED", ...rejection }, move: "none", answer: { kind: "rejected", ...rejection } }
        : { next: { kind: "HELD", expiresAt }, move: "hold", answer: { kind: "reserved", expiresAt } };
    }
    case "HELD":
      return { next: state, move: "none", answer: { kind: "reserved", expiresAt: state.expiresAt } };
    case "COMMITTED":
      return { next: state, move: "none", answer: { kind: "reserved", expiresAt: state.expiresAt ?? expiresAt } };
    case "REJECTED":
      return {
        next: state,
        move: "none",
        answer: { kind: "rejected", reason: state.reason, shortages: state.shortages },
      };
    case "RELEASED":
    case "RESTOCKED":
      return {
        next: state,
        move: "none",
        answer: { kind: "rejected", reason: "ALREADY_RELEASED", shortages: [] },
      };
    case "EXPIRED":
      return { next: state, move: "none", answer: { kind: "expired" } };
  }
};

const findShortages = (
  lines: readonly Line[],
  stock: ReadonlyMap<string, Stock>,
): { reason: "OUT_OF_STOCK" | "UNKNOWN_VARIANT"; shortages: Shortage[] } | null => {
  const shortages = mergeLines(lines).flatMap(({ variantId, quantity }) => {
    const row = stock.get(variantId);
    const left = row ? available(row) : 0;
    return left < quantity ? [{ variantId, requested: quantity, available: left }] : [];
  });
  if (shortages.length === 0) return null;
  const unknown = shortages.some(({ variantId }) => !stock.has(variantId));
  return { reason: unknown ? "UNKNOWN_VARIANT" : "OUT_OF_STOCK", shortages };
};

const commit = (state: ReservationState): ReservationDecision => {
  switch (state.kind) {
    case "HELD":
      return {
        next: { kind: "COMMITTED", expiresAt: state.expiresAt },
        move: "ship",
        answer: { kind: "committed" },
      };
    case "COMMITTED":
      return { next: state, move: "none", answer: { kind: "committed" } };
    case "NONE":
      // Its answer says that nothing is held, and that must stay true when the reserve comes after all.
      return { next: { kind: "EXPIRED" }, move: "none", answer: { kind: "expired" } };
    case "RELEASED":
    case "RESTOCKED":
    case "EXPIRED":
    case "REJECTED":
      return { next: state, move: "none", answer: { kind: "expired" } };
  }
};

/**
 * `release` and `restock` end in the same place. An order that is being cancelled may not know yet whether its commit
 * was carried out, and either command then has to leave nothing behind.
 */
const giveBack = (state: ReservationState, answer: ReservationAnswer): ReservationDecision => {
  switch (state.kind) {
    case "NONE":
      return { next: { kind: "RELEASED" }, move: "none", answer };
    case "HELD":
      return { next: { kind: "RELEASED" }, move: "unhold", answer };
    case "COMMITTED":
      return { next: { kind: "RESTOCKED" }, move: "return", answer };
    case "RELEASED":
    case "RESTOCKED":
    case "EXPIRED":
    case "REJECTED":
      return { next: state, move: "none", answer };
  }
};
