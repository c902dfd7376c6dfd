import type { Cause, Step } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import type { CheckoutMeter, StatusStep } from "../checkout-meter.ts";
import type { Tx } from "../db/connection.ts";
import { ERASED_ADDRESS, findOrderLines } from "../db/orders.ts";
import { type LockedOrder, saveChangedOrders } from "../db/sagas.ts";
import type { OrderLineRow, OrderRow } from "../db/schema.ts";
import { needsNoAddress } from "../domain/order.ts";
import type { Command, Saga, StatusChange } from "../domain/saga-model.ts";
import { commandMessage, type MessageContext, statusMessages } from "../messages.ts";
import { beginSagaStep } from "./saga-steps.ts";
import { unlessOff } from "./without-compensation.ts";

/** What was decided about an order. */
export interface OrderChange {
  readonly saga: Saga;
  readonly statusChange: StatusChange | null;
  readonly commands: readonly Command[];
  readonly trackingNumber?: string;
}

/** A locked order as it becomes by one change after another; nothing of that is stored before {@link saveChanges}. */
export interface ChangingOrder extends LockedOrder {
  /** The version that is stored. */
  readonly fromVersion: number;
  readonly changes: readonly {
    readonly change: OrderChange;
    readonly from: Pick<StatusStep, "from" | "waitedFor">;
    readonly context: MessageContext;
    readonly step: Step;
  }[];
}

export const unchanged = (locked: LockedOrder): ChangingOrder => ({
  ...locked,
  fromVersion: locked.version,
  changes: [],
});

/** Each change is a version of its own. */
export const applyChange = (
  before: ChangingOrder,
  decided: OrderChange,
  { now, cause }: Pick<MessageContext, "now" | "cause">,
): ChangingOrder => {
  const change = unlessOff(decided);
  const version = before.version + 1;
  const order = change.statusChange ? withStatus(before.order, change, change.statusChange) : before.order;
  const step = beginSagaStep(order.id, { from: before.saga.state, to: change.saga.state }, cause);
  const context = { order, version, now, cause: { ...cause, headers: step.headers } };
  const from = { from: before.order.status, waitedFor: before.saga.state };
  return {
    ...before,
    order,
    version,
    saga: change.saga,
    changes: [...before.changes, { change, from, context, step }],
  };
};

/**
 * Stores what became of locked orders, with the messages that follow from it, in as many statements for many orders as
 * for one. `checkouts` counts those that came to their end.
 */
export const saveChanges = async (
  tx: Tx,
  orders: readonly ChangingOrder[],
  checkouts: Pick<CheckoutMeter, "count">,
): Promise<void> => {
  const changed = orders.filter(({ changes }) => changes.length > 0);
  if (changed.length === 0) return;
  await saveChangedOrders(
    tx,
    changed.map(({ saga, order, fromVersion, version, changes }) => ({
      saga,
      order,
      fromVersion,
      version,
      keepToken: isPaymentUndecided(saga),
      events: changes.flatMap(({ change: { statusChange }, context }) =>
        statusChange ? [{ version: context.version, at: context.now, ...statusChange }] : [],
      ),
    })),
  );
  const lines = await linesToReserve(tx, changed);
  await appendToOutbox(
    tx,
    changed.flatMap(({ changes, paymentMethodToken, order }) =>
      changes.flatMap(({ change: { commands, statusChange }, context }) => [
        ...commands.map((command) =>
          commandMessage(context, command, { lines: lines.get(order.id) ?? [], paymentMethodToken }),
        ),
        ...(statusChange ? statusMessages(context, statusChange) : []),
      ]),
    ),
  );
  for (const { changes } of changed) for (const { step } of changes) step.end();
  checkouts.count(
    tx,
    changed.flatMap(({ changes, saga: { cancelReason } }) =>
      changes.flatMap(({ change: { statusChange }, from }) =>
        statusChange ? [{ ...from, to: statusChange.status, cancelReason }] : [],
      ),
    ),
  );
};

/** Changes one order; answers it as it is then. */
export const changeOrder = async (
  tx: Tx,
  locked: LockedOrder,
  change: OrderChange,
  { now, cause, checkouts }: { now: Date; cause: Cause; checkouts: Pick<CheckoutMeter, "count"> },
): Promise<OrderRow> => {
  const changed = applyChange(unchanged(locked), change, { now, cause });
  await saveChanges(tx, [changed], checkouts);
  return changed.order;
};

const withStatus = (order: OrderRow, { saga, trackingNumber }: OrderChange, { status }: StatusChange): OrderRow => ({
  ...order,
  status,
  cancelReason: saga.cancelReason,
  ...(trackingNumber === undefined ? {} : { trackingNumber }),
  ...(order.eraseAddress && needsNoAddress(status) ? ERASED_ADDRESS : {}),
});

/** Until then a repeated `authorize` needs the token; afterwards nothing does. */
const isPaymentUndecided = ({ state }: Saga): boolean =>
  state === "RESERVING" || state === "AUTHORIZING" || state === "AWAITING_ACTION";

const linesToReserve = async (
  tx: Tx,
  orders: readonly ChangingOrder[],
): Promise<ReadonlyMap<string, readonly OrderLineRow[]>> => {
  const reserving = orders.filter(({ changes }) =>
    changes.some(({ change }) => change.commands.some(({ kind }) => kind === "reserve")),
  );
  const byOrder = new Map<string, OrderLineRow[]>(reserving.map(({ order }) => [order.id, []]));
  if (reserving.length > 0)
    for (const line of await findOrderLines(tx, [...byOrder.keys()])) byOrder.get(line.orderId)?.push(line);
  return byOrder;
};
