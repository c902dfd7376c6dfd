import { decide, type Line, mergeLines, type ReservationAnswer, type ReservationState } from "./reservation.ts";
import type { Stock } from "./stock.ts";

/** What somebody wants of one reservation; a reserve looks at the stock as its batch has left it so far. */
export type StockCommand =
  | { readonly kind: "reserve"; readonly lines: readonly Line[]; readonly expiresAt: Date }
  | { readonly kind: "commit" | "release" | "restock" | "expire" };

export interface CommandOf {
  readonly reservationId: string;
  readonly command: StockCommand;
}

/** What a batch is decided on. */
export interface Known {
  /** What is on record; a reservation that is not here has no record. */
  readonly states: ReadonlyMap<string, ReservationState>;
  /** Of every reservation on record that the batch may move. */
  readonly lines: ReadonlyMap<string, readonly Line[]>;
  /** Of all variants of those lines, and of the batch's own. */
  readonly stock: ReadonlyMap<string, Stock>;
}

/** By how much a variant's stock changes, all in all. */
export type StockChange = Stock;

export interface BatchDecision {
  /** One a command, in their order; null only where `expire` had nothing to do. */
  readonly answers: readonly (ReservationAnswer | null)[];
  /** What the reservations have come to, of those that were changed. */
  readonly states: ReadonlyMap<string, ReservationState>;
  /** Lines of the reservations that the batch has made hold something, one a variant. */
  readonly newLines: ReadonlyMap<string, readonly Line[]>;
  /** By variant; without those that end as they began. */
  readonly stockChanges: ReadonlyMap<string, StockChange>;
}

/** Decides one command after another, each on what those before it have left: exactly as if they had come alone. */
export const decideBatch = (commands: readonly CommandOf[], known: Known, now: Date): BatchDecision => {
  const states = new Map<string, ReservationState>();
  const newLines = new Map<string, readonly Line[]>();
  const stock = new Map(known.stock);

  const move = (lines: readonly Line[], changeOf: (quantity: number) => StockChange): void => {
    for (const { variantId, quantity } of lines) {
      const before = stock.get(variantId);
      if (!before) throw new Error(`A reservation of ${variantId} is to be moved, and its stock was not looked up.`);
      const change = changeOf(quantity);
      stock.set(variantId, { onHand: before.onHand + change.onHand, reserved: before.reserved + change.reserved });
    }
  };

  const answers = commands.map(({ reservationId, command }) => {
    const state = states.get(reservationId) ?? known.states.get(reservationId) ?? { kind: "NONE" };
    const decision = decide(state, command.kind === "reserve" ? { ...command, stock } : command, now);
    if (decision.next !== state) states.set(reservationId, decision.next);
    if (decision.move === "hold" && command.kind === "reserve") {
      const lines = mergeLines(command.lines);
      newLines.set(reservationId, lines);
      move(lines, MOVES.hold);
    } else if (decision.move !== "none") {
      const lines = newLines.get(reservationId) ?? known.lines.get(reservationId);
      if (!lines) throw new Error(`Reservation ${reservationId} is to be moved, and its lines were not looked up.`);
      move(lines, MOVES[decision.move]);
    }
    return decision.answer;
  });
  return { answers, states, newLines, stockChanges: differences(known.stock, stock) };
};

const MOVES = {
  hold: (quantity: number) => ({ onHand: 0, reserved: quantity }),
  unhold: (quantity: number) => ({ onHand: 0, reserved: -quantity }),
  ship: (quantity: number) => ({ onHand: -quantity, reserved: -quantity }),
  return: (quantity: number) => ({ onHand: quantity, reserved: 0 }),
};

const differences = (
  before: ReadonlyMap<string, Stock>,
  after: ReadonlyMap<string, Stock>,
): Map<string, StockChange> => {
  const changes = new Map<string, StockChange>();
  for (const [variantId, { onHand, reserved }] of after) {
    const was = before.get(variantId);
    if (!was || (was.onHand === onHand && was.reserved === reserved)) continue;
    changes.set(variantId, { onHand: onHand - was.onHand, reserved: reserved - was.reserved });
  }
  return changes;
};
