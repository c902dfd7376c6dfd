import { createTransactions, openDatabase } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { makeDecideReservations, type ReceivedCommand } from "../commands/decide-reservations.ts";
import { makeExpireReservations } from "../commands/expire-reservations.ts";
import * as schema from "../db/schema.ts";
import type { Line } from "../domain/reservation.ts";
import type { StockCommand } from "../domain/reservation-batch.ts";
import type { Shop } from "./shop.ts";

/** One more process of the subgraph, whose batches a test puts together itself. */
export const aReplica = (databaseUrl: string, now: () => Date) => {
  const statements: string[] = [];
  const database = openDatabase({
    url: databaseUrl,
    schema,
    applicationName: "replica",
    max: 8,
    onQuery: (sql) => statements.push(sql),
  });
  const { inTransaction } = createTransactions(database);
  const decideReservations = makeDecideReservations({ now });
  return {
    inTransaction,
    decideReservations,
    decide: (commands: readonly ReceivedCommand[]) => inTransaction((tx) => decideReservations(tx, commands)),
    expire: makeExpireReservations({ inTransaction, now }),
    async statementsOf(work: () => Promise<unknown>): Promise<string[]> {
      statements.length = 0;
      await work();
      return [...statements];
    },
    close: () => database.close(),
  };
};

export type Replica = ReturnType<typeof aReplica>;

export interface Ids {
  readonly reservationId: string;
  readonly orderId: string;
}

export const aReservation = (): Ids => ({ reservationId: newId("rsv"), orderId: newId("ord") });

export const received = (ids: Ids, command: StockCommand): ReceivedCommand => ({
  ...ids,
  command,
  cause: { correlationId: "request", causationId: newId("evt") },
});

export const toReserve = (ids: Ids, lines: readonly Line[], expiresAt: Date): ReceivedCommand =>
  received(ids, { kind: "reserve", lines, expiresAt });

/** One piece of each variant for each reservation. */
export const reservesOf = (
  reservations: readonly Ids[],
  variantIds: readonly string[],
  expiresAt: Date,
): ReceivedCommand[] => {
  const lines = variantIds.map((variantId) => ({ variantId, quantity: 1 }));
  return reservations.map((ids) => toReserve(ids, lines, expiresAt));
};

export const all = (reservations: readonly Ids[], kind: "commit" | "release" | "restock"): ReceivedCommand[] =>
  reservations.map((ids) => received(ids, { kind }));

/** How many of these reservations are in which state. */
export const statesOf = async ({ sql }: Shop, reservations: readonly Ids[]): Promise<Record<string, number>> => {
  const rows = await sql<{ state: string; count: number }[]>`
    select state, count(*)::int as count from reservations
    where id in ${sql(reservations.map(({ reservationId }) => reservationId))} group by state`;
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
};
