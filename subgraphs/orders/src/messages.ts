import { type EventContract, money, orderEvents } from "@supergraph/contracts";
import { type Cause, type Message, newMessage } from "@supergraph/messaging";
import type { OrderLineRow, OrderRow } from "./db/schema.ts";
import type { Command, StatusChange } from "./domain/saga-model.ts";

/** What every message about one change of one order has in common. */
export interface MessageContext {
  readonly order: OrderRow;
  /** Of the order, after the change. */
  readonly version: number;
  readonly now: Date;
  readonly cause: Cause;
}

/** What a command carries besides the order itself. */
export interface CommandPayload {
  /** What `reserve` asks for; may be empty where no such command is sent. */
  readonly lines: readonly Pick<OrderLineRow, "variantId" | "quantity">[];
  /** For `authorize`; null once the payment was decided on. */
  readonly paymentMethodToken: string | null;
}

export const orderPlacedMessage = (context: MessageContext, lines: readonly OrderLineRow[]): Message =>
  message(orderEvents.orderPlaced, `placed:${context.order.id}`, context, {
    ...about(context),
    total: totalOf(context.order),
    lines: lines.map(({ variantId, quantity, unitPriceMinor, currency }) => ({
      variantId,
      quantity,
      unitPrice: money(unitPriceMinor, currency),
    })),
  });

/** The events of one change of status: one for live views, and for those that mean something to others, their own. */
export const statusMessages = (context: MessageContext, { status }: StatusChange): Message[] => {
  const { order, version } = context;
  const changed = message(orderEvents.orderStatusChanged, `status:${order.id}:${version}`, context, {
    ...about(context),
    status,
  });
  const own = ownMessage(context, status);
  return own ? [own, changed] : [changed];
};

export const commandMessage = (context: MessageContext, command: Command, payload: CommandPayload): Message => {
  const { order, version } = context;
  const orderId = order.id;
  // A repeat must reach its consumer, which ignores an id that it knows; the first of its kind must not be sent twice.
  const id = (name: string) => (command.repeat ? `${name}:${version}` : name);
  switch (command.kind) {
    case "reserve":
      return message(orderEvents.reserveStock, id(`reserve:${command.reservationId}`), context, {
        orderId,
        reservationId: command.reservationId,
        expiresAt: command.expiresAt.toISOString(),
        lines: payload.lines.map(({ variantId, quantity }) => ({ variantId, quantity })),
      });
    case "commit":
    case "release":
    case "restock": {
      const { kind, reservationId } = command;
      return message(STOCK_COMMANDS[kind], id(`${kind}:${reservationId}`), context, { orderId, reservationId });
    }
    case "authorize": {
      if (payload.paymentMethodToken === null)
        throw new Error(`Expected the payment method token of ${orderId} to be kept while its payment is undecided.`);
      return message(orderEvents.authorizePayment, id(`authorize:${orderId}`), context, {
        orderId,
        customerId: order.customerId,
        amount: totalOf(order),
        paymentMethodToken: payload.paymentMethodToken,
      });
    }
    case "capture":
      return message(orderEvents.capturePayment, id(`capture:${orderId}`), context, { orderId });
    case "void":
      return message(orderEvents.voidPayment, id(`void:${orderId}`), context, { orderId, reason: command.reason });
    case "refund": {
      const requestId = `cancel:${orderId}:${command.attempt}`;
      return message(orderEvents.refundPayment, id(`refund:${requestId}`), context, {
        orderId,
        requestId,
        reason: command.reason,
      });
    }
  }
};

const STOCK_COMMANDS = {
  commit: orderEvents.commitStock,
  release: orderEvents.releaseStock,
  restock: orderEvents.restockStock,
};

const ownMessage = (context: MessageContext, status: StatusChange["status"]): Message | null => {
  const { order } = context;
  switch (status) {
    case "CONFIRMED":
      return message(orderEvents.orderConfirmed, `confirmed:${order.id}`, context, about(context));
    case "PAID":
      return message(orderEvents.orderPaid, `paid:${order.id}`, context, { ...about(context), total: totalOf(order) });
    case "SHIPPED":
      return message(orderEvents.orderShipped, `shipped:${order.id}`, context, {
        ...about(context),
        trackingNumber: order.trackingNumber ?? "",
      });
    case "CANCELLED":
      return message(orderEvents.orderCancelled, `cancelled:${order.id}`, context, {
        ...about(context),
        reason: order.cancelReason ?? "CUSTOMER",
      });
    default:
      return null;
  }
};

const message = <Schema extends EventContract["schema"]>(
  contract: EventContract<Schema>,
  id: string,
  { order, now, cause }: MessageContext,
  data: Parameters<typeof newMessage<Schema>>[1]["data"],
): Message => newMessage(contract, { id, key: order.id, time: now, ...cause, data });

const about = ({ order, version, now }: MessageContext) => ({
  orderId: order.id,
  number: order.number,
  customerId: order.customerId,
  version,
  at: now.toISOString(),
});

const totalOf = ({ totalMinor, currency }: OrderRow) => money(totalMinor, currency);
