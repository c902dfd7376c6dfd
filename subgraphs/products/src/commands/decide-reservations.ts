import { isOff } from "@supergraph/failpoints";
import type { Cause } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import {
  findLines,
  insertLines,
  lockReservations,
  openReservations,
  type ReservationRecord,
  saveStates,
} from "../db/reservations.ts";
import { changeStock, lockStock, type StockRow } from "../db/stock.ts";
import { decide, type ReservationAnswer, type ReservationState } from "../domain/reservation.ts";
import { type CommandOf, decideBatch, type StockCommand } from "../domain/reservation-batch.ts";
import { reservationAnswered } from "../outgoing.ts";

/** A command of the orders subgraph, and the message that brought it. */
export interface ReceivedCommand extends CommandOf {
  readonly orderId: string;
  readonly cause: Cause;
}

/**
 * Carries out commands about reservations, in their order, inside of the transaction that also records their messages,
 * and answers each through the outbox: always, also when it comes again, late or too early. The number of statements
 * does not depend on that of the commands.
 *
 * Only the stock decides about a reserve, not whether the variant is still sold: the customer ordered while it was, at a
 * price that was confirmed, and the goods are there.
 *
 * Lock order, for everybody who changes stock: reservations without a record, by inserting them; then those on record;
 * then stock; each kind in one statement and in id order. Whoever waits for one kind holds none of a later kind, so that
 * batches of all consumers, the expiry job (which waits for no reservation) and adjustments (one stock row) cannot
 * deadlock.
 */
export const makeDecideReservations =
  ({ now }: { now: () => Date }) =>
  async (tx: Tx, commands: readonly ReceivedCommand[]): Promise<void> => {
    const at = now();
    const answers = await settleReservations(tx, await openOrLock(tx, commands, at), commands, at);
    await appendToOutbox(
      tx,
      commands.flatMap(({ reservationId, orderId, cause }, index) => {
        const answer = answers[index];
        return answer ? [reservationAnswered(newId("evt"), { reservationId, orderId }, answer, at, cause)] : [];
      }),
    );
  };

/**
 * Decides on reservations that the caller has locked, with what is on record of them, and stores what came of it.
 * Answers one a command.
 */
export const settleReservations = async (
  tx: Tx,
  { recorded, opened }: LockedReservations,
  commands: readonly CommandOf[],
  at: Date,
): Promise<readonly (ReservationAnswer | null)[]> => {
  const lines = await findLines(tx, movable(recorded, commands));
  const variantIds = new Set([...lines.values()].flat().map(({ variantId }) => variantId));
  for (const { reservationId, command } of commands) {
    if (command.kind !== "reserve" || recorded.has(reservationId)) continue;
    for (const { variantId } of command.lines) variantIds.add(variantId);
  }
  const rows = variantIds.size > 0 ? await lockStock(tx, [...variantIds]) : [];
  const stock = new Map(rows.map((row) => [row.variantId, isOff("stock") ? asIfEndless(row) : row]));

  const decided = decideBatch(commands, { states: recorded, lines, stock }, at);
  await insertLines(tx, decided.newLines);
  await changeStock(tx, decided.stockChanges);
  await saveStates(tx, new Map([...decided.states].filter(([id, { kind }]) => kind !== opened?.get(id))), at);
  return decided.answers;
};

export interface LockedReservations {
  /** What was on record of them. */
  readonly recorded: ReadonlyMap<string, ReservationState>;
  /** As what those without a record were inserted. */
  readonly opened?: ReadonlyMap<string, ReservationState["kind"]>;
}

/**
 * Those that are new are inserted as what they will be if the goods suffice, which is mostly so and then spares their
 * update.
 */
const openOrLock = async (tx: Tx, commands: readonly ReceivedCommand[], at: Date): Promise<LockedReservations> => {
  const expected = new Map<string, ReservationRecord>();
  for (const { reservationId: id, orderId, command, cause } of commands) {
    if (expected.has(id)) continue;
    const { next } = decide({ kind: "NONE" }, withEndlessStock(command), at);
    expected.set(id, { id, orderId, correlationId: cause.correlationId, state: next });
  }
  const opened = await openReservations(tx, [...expected.values()], at);
  const known = [...expected.keys()].filter((id) => !opened.has(id));
  const records = known.length > 0 ? await lockReservations(tx, known) : [];
  return {
    recorded: new Map(records.map(({ id, state }) => [id, state])),
    opened: new Map([...expected].flatMap(([id, { state }]) => (opened.has(id) ? [[id, state.kind]] : []))),
  };
};

const withEndlessStock = (command: StockCommand) =>
  command.kind === "reserve"
    ? { ...command, stock: new Map(command.lines.map(({ variantId }) => [variantId, ENDLESS])) }
    : command;

const ENDLESS = { onHand: Number.MAX_SAFE_INTEGER, reserved: 0 };

const asIfEndless = (row: StockRow): StockRow => ({ ...row, onHand: Number.MAX_SAFE_INTEGER });

/** Reservations with goods that one of the commands may move. */
const movable = (recorded: LockedReservations["recorded"], commands: readonly CommandOf[]): string[] => {
  const moved = new Set(
    commands.filter(({ command }) => command.kind !== "reserve").map(({ reservationId }) => reservationId),
  );
  return [...recorded].flatMap(([id, { kind }]) =>
    moved.has(id) && (kind === "HELD" || kind === "COMMITTED") ? [id] : [],
  );
};
