import { reach } from "@supergraph/failpoints";
import { appendToOutbox } from "@supergraph/postgres";
import type { ProductsTransactions } from "../db/connection.ts";
import { claimExpired } from "../db/reservations.ts";
import { reservationAnswered } from "../outgoing.ts";
import { settleReservations } from "./decide-reservations.ts";

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
        const claimed = await claimExpired(tx, at, BATCH);
        if (claimed.length === 0) return 0;
        reach("deadline:claimed");
        const answers = await settleReservations(
          tx,
          { recorded: new Map(claimed.map(({ id, state }) => [id, state])) },
          claimed.map(({ id }) => ({ reservationId: id, command: { kind: "expire" } })),
          at,
        );
        await appendToOutbox(
          tx,
          claimed.flatMap(({ id, orderId, correlationId }, index) => {
            const answer = answers[index];
            const cause = { correlationId, causationId: null };
            return answer
              ? [reservationAnswered(`expired:${id}`, { reservationId: id, orderId }, answer, at, cause)]
              : [];
          }),
        );
        return claimed.length;
      });
      expired += count;
      if (count < BATCH) return expired;
    }
  };
