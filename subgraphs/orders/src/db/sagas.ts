import { and, asc, eq, lte, notInArray } from "drizzle-orm";
import type { Saga } from "../domain/saga-model.ts";
import type { Tx } from "./connection.ts";
import { type OrderRow, orders, type SagaRow, sagas } from "./schema.ts";

/** An order with its saga, locked until the transaction ends. */
export interface LockedOrder {
  readonly order: OrderRow;
  readonly saga: Saga;
  readonly version: number;
  readonly paymentMethodToken: string | null;
  readonly correlationId: string;
}

export const lockOrder = async (tx: Tx, orderId: string): Promise<LockedOrder | null> => {
  // Both rows: whoever waited for the lock on one would otherwise see the other as it was before the wait.
  const [row] = await tx
    .select({ order: orders, saga: sagas })
    .from(sagas)
    .innerJoin(orders, eq(orders.id, sagas.orderId))
    .where(eq(sagas.orderId, orderId))
    .for("update");
  if (!row) return null;
  const { version, paymentMethodToken, correlationId } = row.saga;
  return { order: row.order, saga: toSaga(row.saga), version, paymentMethodToken, correlationId };
};

export const insertSaga = async (
  tx: Tx,
  saga: Saga,
  more: Pick<SagaRow, "orderId" | "version" | "paymentMethodToken" | "correlationId">,
): Promise<void> => {
  await tx.insert(sagas).values({ ...saga, ...more });
};

/** Compare-and-set on `fromVersion`. @throws when somebody else changed the saga, which the lock should prevent. */
export const saveSaga = async (
  tx: Tx,
  saga: Saga,
  { orderId, fromVersion, keepToken }: { orderId: string; fromVersion: number; keepToken: boolean },
): Promise<void> => {
  const saved = await tx
    .update(sagas)
    .set({ ...saga, version: fromVersion + 1, ...(keepToken ? {} : { paymentMethodToken: null }) })
    .where(and(eq(sagas.orderId, orderId), eq(sagas.version, fromVersion)))
    .returning({ version: sagas.version });
  if (saved.length !== 1)
    throw new Error(`Expected the saga of ${orderId} at version ${fromVersion}; somebody changed it without its lock.`);
};

/** Locks one saga whose deadline has passed and that nobody else works on; answers its order's id. */
export const claimDueSaga = async (tx: Tx, now: Date, except: readonly string[]): Promise<string | null> => {
  const [row] = await tx
    .select({ orderId: sagas.orderId })
    .from(sagas)
    .where(and(lte(sagas.deadlineAt, now), except.length > 0 ? notInArray(sagas.orderId, [...except]) : undefined))
    .orderBy(asc(sagas.deadlineAt))
    .limit(1)
    .for("update", { skipLocked: true });
  return row?.orderId ?? null;
};

const toSaga = ({
  orderId: _orderId,
  version: _version,
  paymentMethodToken: _token,
  correlationId: _correlationId,
  ...saga
}: SagaRow): Saga => saga;
