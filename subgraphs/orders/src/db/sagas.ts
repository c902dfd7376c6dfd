import { and, asc, count, eq, isNotNull, lte, min, type SQL, sql } from "drizzle-orm";
import { SAGA_STATES, type Saga, type SagaState } from "../domain/saga-model.ts";
import type { Db, Tx } from "./connection.ts";
import { type OrderRow, orders, type SagaRow, sagas } from "./schema.ts";

/*
 * Who locks what, in this order, so that nobody waits in a circle:
 * 1. a cart, by those who change it or turn it into an order; 2. the inbox, by consumers; 3. of each order its saga, then
 * the order itself, orders in the order of their ids; 4. idempotency keys. Rows that a transaction made itself are nobody
 * else's yet. Who looks for passed deadlines waits for no lock, and so may take them in any order.
 */

/** An order with its saga, locked until the transaction ends. */
export interface LockedOrder {
  readonly order: OrderRow;
  readonly saga: Saga;
  readonly version: number;
  readonly paymentMethodToken: string | null;
  readonly correlationId: string;
  /** Headers with the trace context of the request that placed it. */
  readonly trace: Readonly<Record<string, string>>;
}

/** Those that exist, by id. */
export const lockOrders = async (tx: Tx, orderIds: readonly string[]): Promise<LockedOrder[]> => {
  // Both rows: whoever waited for the lock on one would otherwise see the other as it was before the wait.
  const rows = await selectWithSaga(tx)
    .where(sql`${sagas.orderId} = any(${sql.param([...orderIds])}::text[])`)
    .orderBy(asc(sagas.orderId))
    .for("update");
  return rows.map(toLockedOrder);
};

export const lockOrder = async (tx: Tx, orderId: string): Promise<LockedOrder | null> =>
  (await lockOrders(tx, [orderId]))[0] ?? null;

/** Locks up to `limit` orders whose sagas' deadlines have passed, and that nobody else works on; most overdue first. */
export const claimDueOrders = async (
  tx: Tx,
  { now, except, limit }: { now: Date; except: readonly string[]; limit: number },
): Promise<LockedOrder[]> => {
  const rows = await selectWithSaga(tx)
    .where(and(lte(sagas.deadlineAt, now), sql`${sagas.orderId} <> all(${sql.param([...except])}::text[])`))
    .orderBy(asc(sagas.deadlineAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  return rows.map(toLockedOrder);
};

/** What became of an order; `status` and `cancelReason` as they are now, also where they did not change. */
export interface ChangedOrder {
  readonly saga: Saga;
  readonly order: OrderRow;
  readonly fromVersion: number;
  readonly version: number;
  /** Whether the payment method's token is needed still. */
  readonly keepToken: boolean;
  readonly events: readonly {
    readonly version: number;
    readonly status: OrderRow["status"];
    readonly at: Date;
    readonly note: string | null;
  }[];
}

/**
 * Stores sagas, orders and their timelines, however many, in one statement.
 * @throws when somebody else changed one of the sagas, which their locks should prevent: then none may be stored.
 */
export const saveChangedOrders = async (tx: Tx, changed: readonly ChangedOrder[]): Promise<void> => {
  const rows = changed.map(({ saga, order, fromVersion, version, keepToken }) => ({
    ...saga,
    orderId: order.id,
    fromVersion,
    version,
    keepToken,
    status: order.status,
    trackingNumber: order.trackingNumber,
    line1: order.line1,
    line2: order.line2,
    city: order.city,
    region: order.region,
    postalCode: order.postalCode,
  }));
  const events = changed.flatMap(({ order, events }) => events.map((event) => ({ orderId: order.id, ...event })));
  const [result] = await tx.execute<{ saved: number }>(saveStatement(JSON.stringify(rows), JSON.stringify(events)));
  if (result?.saved !== changed.length)
    throw new Error(
      `Expected ${changed.length} sagas at the versions that were locked, found ${result?.saved}: somebody changed one without its lock.`,
    );
};

/** Of the open sagas, by state: how many there are, and since when the longest has been in it. */
export interface SagaAge {
  readonly state: Exclude<SagaState, "DONE" | "CANCELLED">;
  readonly count: number;
  readonly oldestSeconds: number;
}

/**
 * Every state that is not an end, also where no saga is in it. Reads the index of deadlines, which only open sagas have:
 * what it costs does not grow with the shop's years. `now` is the clock that sagas are timed by.
 */
export const sagaAges = async (db: Db, now: Date): Promise<SagaAge[]> => {
  const rows = await db
    .select({ state: sagas.state, count: count(), enteredAt: min(sagas.enteredAt) })
    .from(sagas)
    .where(isNotNull(sagas.deadlineAt))
    .groupBy(sagas.state);
  const found = new Map(rows.map((row) => [row.state, row]));
  return OPEN_STATES.map((state) => {
    const row = found.get(state);
    const oldestMs = row?.enteredAt ? now.getTime() - row.enteredAt.getTime() : 0;
    return { state, count: row?.count ?? 0, oldestSeconds: Math.max(0, oldestMs / 1_000) };
  });
};

const OPEN_STATES = SAGA_STATES.filter((state) => state !== "DONE" && state !== "CANCELLED");

const saveStatement = (rows: string, events: string): SQL => sql`
  with changed as (
    select * from jsonb_to_recordset(${rows}::jsonb) as changed (
      "orderId" text, "fromVersion" int, version int, state text, "reservationId" text, reservations int,
      "commitRequested" boolean, "captureRequested" boolean, undo jsonb, "refundAttempt" int, "cancelReason" text,
      "enteredAt" timestamptz, sends int, "giveUpAt" timestamptz, "deadlineAt" timestamptz, "keepToken" boolean,
      status text, "trackingNumber" text, line1 text, line2 text, city text, region text, "postalCode" text
    )
  ), saved as (
    update sagas set
      version = changed.version, state = changed.state, reservation_id = "reservationId",
      reservations = changed.reservations, commit_requested = "commitRequested",
      capture_requested = "captureRequested", undo = changed.undo, refund_attempt = "refundAttempt",
      cancel_reason = "cancelReason", entered_at = "enteredAt", sends = changed.sends, give_up_at = "giveUpAt",
      deadline_at = "deadlineAt",
      payment_method_token = case when "keepToken" then payment_method_token end
    from changed where order_id = "orderId" and sagas.version = "fromVersion"
    returning order_id
  ), events as (
    insert into order_events (order_id, version, status, at, note)
    select "orderId", version, status, at, note from jsonb_to_recordset(${events}::jsonb) as event (
      "orderId" text, version int, status text, at timestamptz, note text
    ) returning order_id
  ), updated as (
    update orders set
      status = changed.status, cancel_reason = "cancelReason", tracking_number = "trackingNumber",
      line1 = changed.line1, line2 = changed.line2, city = changed.city, region = changed.region,
      postal_code = "postalCode"
    from changed where id = "orderId" and id in (select order_id from events)
  )
  select count(*)::int as saved from saved`;

const selectWithSaga = (tx: Tx) =>
  tx.select({ order: orders, saga: sagas }).from(sagas).innerJoin(orders, eq(orders.id, sagas.orderId));

const toLockedOrder = (row: { order: OrderRow; saga: SagaRow }): LockedOrder => {
  const { version, paymentMethodToken, correlationId, trace } = row.saga;
  return { order: row.order, saga: toSaga(row.saga), version, paymentMethodToken, correlationId, trace };
};

const toSaga = ({
  orderId: _orderId,
  version: _version,
  paymentMethodToken: _token,
  correlationId: _correlationId,
  trace: _trace,
  ...saga
}: SagaRow): Saga => saga;
