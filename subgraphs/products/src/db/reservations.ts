import { and, asc, eq, inArray, lte, sql } from "drizzle-orm";
import type { Line, ReservationState } from "../domain/reservation.ts";
import type { Tx } from "./connection.ts";
import { reservationLines, reservations } from "./schema.ts";

export interface ReservationRecord {
  readonly id: string;
  readonly orderId: string;
  readonly correlationId: string;
  readonly state: ReservationState;
}

/**
 * What is on record of a reservation, `null` for nothing. Until the transaction ends nobody else decides about this
 * reservation, on record or not: a release and the reserve that it must refuse may arrive together.
 */
export const lockReservation = async (tx: Tx, id: string): Promise<ReservationRecord | null> => {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`reservation:${id}`}, 0))`);
  const [row] = await tx.select().from(reservations).where(eq(reservations.id, id)).for("update");
  return row ? toRecord(row) : null;
};

export const saveReservation = async (tx: Tx, reservation: ReservationRecord, now: Date): Promise<void> => {
  const { id, orderId, correlationId, state } = reservation;
  if (state.kind === "NONE") return;
  const columns = {
    state: state.kind,
    expiresAt: "expiresAt" in state ? state.expiresAt : null,
    rejection: state.kind === "REJECTED" ? state.reason : null,
    shortages: state.kind === "REJECTED" ? state.shortages : [],
    updatedAt: now,
  };
  await tx
    .insert(reservations)
    .values({ id, orderId, correlationId, createdAt: now, ...columns })
    .onConflictDoUpdate({ target: reservations.id, set: columns });
};

export const insertLines = async (tx: Tx, reservationId: string, lines: readonly Line[]): Promise<void> => {
  await tx.insert(reservationLines).values(lines.map((line) => ({ reservationId, ...line })));
};

/** The lines of these reservations, a row each, in no order. */
export const findLines = async (tx: Tx, reservationIds: readonly string[]): Promise<Line[]> =>
  tx
    .select({ variantId: reservationLines.variantId, quantity: reservationLines.quantity })
    .from(reservationLines)
    .where(inArray(reservationLines.reservationId, [...reservationIds]));

/** Locks up to `limit` held reservations that have run out; those that somebody decides about now are left for later. */
export const claimExpired = async (tx: Tx, now: Date, limit: number): Promise<ReservationRecord[]> => {
  const rows = await tx
    .select()
    .from(reservations)
    .where(and(eq(reservations.state, "HELD"), lte(reservations.expiresAt, now)))
    .orderBy(asc(reservations.expiresAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  return rows.map(toRecord);
};

export const markExpired = async (tx: Tx, ids: readonly string[], now: Date): Promise<void> => {
  await tx
    .update(reservations)
    .set({ state: "EXPIRED", expiresAt: null, updatedAt: now })
    .where(inArray(reservations.id, [...ids]));
};

const toRecord = (row: typeof reservations.$inferSelect): ReservationRecord => ({
  id: row.id,
  orderId: row.orderId,
  correlationId: row.correlationId,
  state: toState(row),
});

const toState = ({
  id,
  state,
  expiresAt,
  rejection,
  shortages,
}: typeof reservations.$inferSelect): ReservationState => {
  switch (state) {
    case "HELD":
      if (!expiresAt) throw new Error(`Reservation ${id} is held without an end, which its table should not allow.`);
      return { kind: "HELD", expiresAt };
    case "COMMITTED":
      return { kind: "COMMITTED", expiresAt };
    case "REJECTED":
      if (!rejection)
        throw new Error(`Reservation ${id} is rejected without a reason, which its table should not allow.`);
      return { kind: "REJECTED", reason: rejection, shortages };
    default:
      return { kind: state };
  }
};
