import { jsonRows } from "@supergraph/postgres";
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
 * Inserts those that have no record, and answers their ids; the others are left as they are. Whoever opens one of these
 * at the same time waits here for the other's end: a release and the reserve that it must refuse may arrive together.
 */
export const openReservations = async (
  tx: Tx,
  records: readonly ReservationRecord[],
  now: Date,
): Promise<ReadonlySet<string>> => {
  const rows = jsonRows(
    records.map(({ id, orderId, correlationId, state }) => ({ id, orderId, correlationId, ...toColumns(state) })),
    `id text, "orderId" text, "correlationId" text, state text, "expiresAt" timestamptz, rejection text, shortages jsonb`,
  );
  const at = now.toISOString();
  const opened = await tx.execute<{ id: string }>(sql`
    insert into reservations (id, order_id, correlation_id, state, expires_at, rejection, shortages, created_at, updated_at)
    select id, "orderId", "correlationId", state, "expiresAt", rejection, shortages, ${at}::timestamptz, ${at}::timestamptz
    from ${rows} order by id
    on conflict (id) do nothing
    returning id`);
  return new Set(opened.map(({ id }) => id));
};

/** What is on record of these, which nobody else decides about until the transaction ends. Locked in id order. */
export const lockReservations = async (tx: Tx, ids: readonly string[]): Promise<ReservationRecord[]> => {
  const rows = await tx
    .select()
    .from(reservations)
    .where(inArray(reservations.id, [...ids]))
    .orderBy(asc(reservations.id))
    .for("update");
  return rows.map(toRecord);
};

/** Of reservations that the caller has opened or locked. */
export const saveStates = async (tx: Tx, states: ReadonlyMap<string, ReservationState>, now: Date): Promise<void> => {
  if (states.size === 0) return;
  const rows = jsonRows(
    [...states].map(([id, state]) => ({ id, ...toColumns(state) })),
    `id text, state text, "expiresAt" timestamptz, rejection text, shortages jsonb`,
  );
  await tx.execute(sql`
    update reservations set state = changed.state, expires_at = changed."expiresAt", rejection = changed.rejection,
      shortages = changed.shortages, updated_at = ${now.toISOString()}::timestamptz
    from ${rows} where reservations.id = changed.id`);
};

export const insertLines = async (tx: Tx, lines: ReadonlyMap<string, readonly Line[]>): Promise<void> => {
  if (lines.size === 0) return;
  const rows = jsonRows(
    [...lines].flatMap(([reservationId, ofIt]) => ofIt.map((line) => ({ reservationId, ...line }))),
    `"reservationId" text, "variantId" text, quantity int`,
  );
  await tx.execute(sql`
    insert into reservation_lines (reservation_id, variant_id, quantity)
    select "reservationId", "variantId", quantity from ${rows}`);
};

/** The lines of these reservations, of those that have any. */
export const findLines = async (tx: Tx, reservationIds: readonly string[]): Promise<Map<string, Line[]>> => {
  const lines = new Map<string, Line[]>();
  if (reservationIds.length === 0) return lines;
  const rows = await tx
    .select()
    .from(reservationLines)
    .where(inArray(reservationLines.reservationId, [...reservationIds]));
  for (const { reservationId, ...line } of rows) {
    const ofIt = lines.get(reservationId);
    if (ofIt) ofIt.push(line);
    else lines.set(reservationId, [line]);
  }
  return lines;
};

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

const toColumns = (state: ReservationState) => ({
  state: state.kind,
  expiresAt: "expiresAt" in state ? state.expiresAt : null,
  rejection: state.kind === "REJECTED" ? state.reason : null,
  shortages: state.kind === "REJECTED" ? state.shortages : [],
});

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
