import { reach } from "@supergraph/failpoints";
import { appendToOutbox } from "@supergraph/postgres";
import type { ProductsTransactions } from "../db/connection.ts";
import { claimExpired, findLines, markExpired } from "../db/reservations.ts";
import { lockStock, moveStock } from "../db/stock.ts";
import { decide, mergeLines } from "../domain/reservation.ts";
import { reservationAnswered } from "../outgoing.ts";

/** Small, so that no transaction holds many stock rows for long. */
const BATCH = 50;

/** Ends the holds that have run out and tells it, a batch a transaction. Answers how many; safe to run in many processes. */
export const makeExpireReservations =
  ({ inTransaction, now }: Pick<ProductsTransactions, "inTransaction"> & { now: () => Date }) =>
  async (): Promise<number> => {
    let expired = 0;
    for (;;) {
      const count = await inTransaction(async (tx) => {
        const at = now();
        const claimed = (await claimExpired(tx, at, BATCH)).flatMap((reservation) => {
          const { move, answer } = decide(reservation.state, { kind: "expire" }, at);
          return move === "unhold" && answer ? [{ reservation, answer }] : [];
        });
        if (claimed.length === 0) return 0;
        reach("deadline:claimed");
        const ids = claimed.map(({ reservation }) => reservation.id);
        const lines = mergeLines(await findLines(tx, ids));
        await lockStock(
          tx,
          lines.map(({ variantId }) => variantId),
        );
        await moveStock(tx, "unhold", lines);
        await markExpired(tx, ids, at);
        await appendToOutbox(
          tx,
          claimed.map(({ reservation: { id, orderId, correlationId }, answer }) =>
            reservationAnswered(`expired:${id}`, { reservationId: id, orderId }, answer, at, {
              correlationId,
              causationId: null,
            }),
          ),
        );
        return claimed.length;
      });
      expired += count;
      if (count < BATCH) return expired;
    }
  };
