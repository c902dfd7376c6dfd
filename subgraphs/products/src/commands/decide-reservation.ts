import { isOff } from "@supergraph/failpoints";
import type { Cause } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import { findLines, insertLines, lockReservation, saveReservation } from "../db/reservations.ts";
import { lockStock, moveStock, type StockRow } from "../db/stock.ts";
import { decide, type Line, mergeLines, type ReservationCommand } from "../domain/reservation.ts";
import { reservationAnswered } from "../outgoing.ts";

/** A command of the orders subgraph; the lines' variants are looked up here. */
export type StockCommand =
  | { readonly kind: "reserve"; readonly lines: readonly Line[]; readonly expiresAt: Date }
  | { readonly kind: "commit" | "release" | "restock" };

/**
 * Carries out a command about one reservation inside of the transaction that also records the message, and answers it
 * through the outbox: always, also when it comes again, late or too early.
 *
 * Only the stock decides about a reserve, not whether the variant is still sold: the customer ordered while it was, at a
 * price that was confirmed, and the goods are there.
 */
export const makeDecideReservation =
  ({ now }: { now: () => Date }) =>
  async (
    tx: Tx,
    ids: { reservationId: string; orderId: string },
    command: StockCommand,
    cause: Cause,
  ): Promise<void> => {
    const at = now();
    const record = await lockReservation(tx, ids.reservationId);
    const state = record?.state ?? { kind: "NONE" };
    const decision = decide(state, await withStock(tx, state.kind === "NONE", command), at);

    if (decision.next !== state)
      await saveReservation(
        tx,
        { id: ids.reservationId, orderId: ids.orderId, correlationId: cause.correlationId, state: decision.next },
        at,
      );
    if (decision.move === "hold" && command.kind === "reserve") {
      const lines = mergeLines(command.lines);
      await insertLines(tx, ids.reservationId, lines);
      await moveStock(tx, "hold", lines);
    } else if (decision.move !== "none") {
      const lines = mergeLines(await findLines(tx, [ids.reservationId]));
      await lockStock(
        tx,
        lines.map(({ variantId }) => variantId),
      );
      await moveStock(tx, decision.move, lines);
    }
    if (decision.answer) await appendToOutbox(tx, [reservationAnswered(newId("evt"), ids, decision.answer, at, cause)]);
  };

const withStock = async (tx: Tx, isNew: boolean, command: StockCommand): Promise<ReservationCommand> => {
  if (command.kind !== "reserve") return command;
  const rows = isNew
    ? await lockStock(
        tx,
        mergeLines(command.lines).map(({ variantId }) => variantId),
      )
    : [];
  const stock = isOff("stock") ? rows.map(asIfEndless) : rows;
  return { ...command, stock: new Map(stock.map((row) => [row.variantId, row])) };
};

const asIfEndless = (row: StockRow): StockRow => ({ ...row, onHand: Number.MAX_SAFE_INTEGER });
