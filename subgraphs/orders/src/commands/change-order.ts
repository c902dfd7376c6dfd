import type { Cause } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import type { Tx } from "../db/connection.ts";
import { findOrderLines, insertOrderEvent, updateOrder } from "../db/orders.ts";
import { type LockedOrder, saveSaga } from "../db/sagas.ts";
import type { OrderRow } from "../db/schema.ts";
import { needsNoAddress } from "../domain/order.ts";
import type { Command, Saga, StatusChange } from "../domain/saga-model.ts";
import { commandMessage, type MessageContext, statusMessages } from "../messages.ts";
import { unlessOff } from "./without-compensation.ts";

export interface OrderChange {
  readonly saga: Saga;
  readonly statusChange: StatusChange | null;
  readonly commands: readonly Command[];
  readonly trackingNumber?: string;
}

/** Stores what was decided about a locked order, with the messages that follow from it. Answers the order as it is then. */
export const changeOrder = async (
  tx: Tx,
  locked: LockedOrder,
  change: OrderChange,
  { now, cause }: { now: Date; cause: Cause },
): Promise<OrderRow> => {
  const { saga, statusChange, commands, trackingNumber } = unlessOff(change);
  const version = locked.version + 1;
  await saveSaga(tx, saga, {
    orderId: locked.order.id,
    fromVersion: locked.version,
    keepToken: isPaymentUndecided(saga),
  });
  const order = statusChange ? await changeStatus(tx, locked, saga, statusChange, trackingNumber) : locked.order;
  if (statusChange) await insertOrderEvent(tx, { orderId: order.id, version, at: now, ...statusChange });

  const context: MessageContext = { order, version, now, cause };
  const reserves = commands.some(({ kind }) => kind === "reserve");
  const lines = reserves ? await findOrderLines(tx, [order.id]) : [];
  await appendToOutbox(tx, [
    ...commands.map((command) =>
      commandMessage(context, command, { lines, paymentMethodToken: locked.paymentMethodToken }),
    ),
    ...(statusChange ? statusMessages(context, statusChange) : []),
  ]);
  return order;
};

/** Until then a repeated `authorize` needs the token; afterwards nothing does. */
const isPaymentUndecided = ({ state }: Saga): boolean =>
  state === "RESERVING" || state === "AUTHORIZING" || state === "AWAITING_ACTION";

const changeStatus = (
  tx: Tx,
  { order }: LockedOrder,
  saga: Saga,
  { status }: StatusChange,
  trackingNumber: string | undefined,
): Promise<OrderRow> =>
  updateOrder(
    tx,
    order.id,
    { status, cancelReason: saga.cancelReason, ...(trackingNumber === undefined ? {} : { trackingNumber }) },
    { eraseAddress: order.eraseAddress && needsNoAddress(status) },
  );
