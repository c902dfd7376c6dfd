import { z } from "zod";
import { defineEvent } from "./contract.ts";
import { MoneySchema } from "./money.ts";

const line = z.object({ variantId: z.string(), quantity: z.int().positive() });
const reservation = z.object({ reservationId: z.string(), orderId: z.string() });

export const reserveStock = defineEvent({
  type: "orders.stock.reserve",
  version: 1,
  description: "Hold all lines, or none, until `expiresAt`. Repeating a `reservationId` repeats the answer.",
  key: "orderId",
  id: "reserve:{reservationId}",
  schema: reservation.extend({ lines: z.array(line).min(1), expiresAt: z.iso.datetime() }),
});

export const commitStock = defineEvent({
  type: "orders.stock.commit",
  version: 1,
  description: "Take the held goods out of the stock.",
  key: "orderId",
  id: "commit:{reservationId}",
  schema: reservation,
});

export const releaseStock = defineEvent({
  type: "orders.stock.release",
  version: 1,
  description: "Give held goods back. Before its reserve it leaves a tombstone that refuses the reserve.",
  key: "orderId",
  id: "release:{reservationId}",
  schema: reservation,
});

export const restockStock = defineEvent({
  type: "orders.stock.restock",
  version: 1,
  description: "Put committed goods back into the stock.",
  key: "orderId",
  id: "restock:{reservationId}",
  schema: reservation,
});

const payment = z.object({ orderId: z.string() });

export const authorizePayment = defineEvent({
  type: "orders.payment.authorize",
  version: 1,
  description: "Authorise the order's total. One payment an order, however often this arrives.",
  key: "orderId",
  id: "authorize:{orderId}",
  schema: payment.extend({
    customerId: z.string(),
    amount: MoneySchema,
    /** A single-use reference from the payment provider, never card data. */
    paymentMethodToken: z.string(),
  }),
});

export const capturePayment = defineEvent({
  type: "orders.payment.capture",
  version: 1,
  description: "Capture what was authorised.",
  key: "orderId",
  id: "capture:{orderId}",
  schema: payment,
});

export const voidPayment = defineEvent({
  type: "orders.payment.void",
  version: 1,
  description:
    "Give up the authorisation, asking the provider first where its outcome is unknown. Before its authorise it leaves a tombstone.",
  key: "orderId",
  id: "void:{orderId}",
  schema: payment.extend({ reason: z.string() }),
});

export const refundPayment = defineEvent({
  type: "orders.payment.refund",
  version: 1,
  description: "Refund all that was captured and not yet refunded.",
  key: "orderId",
  id: "refund:{requestId}",
  schema: payment.extend({ requestId: z.string(), reason: z.string() }),
});

const order = z.object({
  orderId: z.string(),
  number: z.string(),
  customerId: z.string(),
  /** Version of the order aggregate after this change. */
  version: z.int().positive(),
  at: z.iso.datetime(),
});

export const orderPlaced = defineEvent({
  type: "orders.order.placed",
  version: 1,
  description: "A customer placed an order; nothing is reserved or paid yet.",
  key: "orderId",
  id: "placed:{orderId}",
  schema: order.extend({
    total: MoneySchema,
    lines: z.array(line.extend({ unitPrice: MoneySchema })),
  }),
});

export const orderConfirmed = defineEvent({
  type: "orders.order.confirmed",
  version: 1,
  description: "Goods are committed and the payment is authorised.",
  key: "orderId",
  id: "confirmed:{orderId}",
  schema: order,
});

export const orderPaid = defineEvent({
  type: "orders.order.paid",
  version: 1,
  description: "The total was captured.",
  key: "orderId",
  id: "paid:{orderId}",
  schema: order.extend({ total: MoneySchema }),
});

export const orderShipped = defineEvent({
  type: "orders.order.shipped",
  version: 1,
  description: "The goods are on their way.",
  key: "orderId",
  id: "shipped:{orderId}",
  schema: order.extend({ trackingNumber: z.string() }),
});

export const orderCancelled = defineEvent({
  type: "orders.order.cancelled",
  version: 1,
  description: "The order ended: it holds no stock and no money.",
  key: "orderId",
  id: "cancelled:{orderId}",
  schema: order.extend({ reason: z.enum(["OUT_OF_STOCK", "PAYMENT_DECLINED", "TIMED_OUT", "CUSTOMER", "ADMIN"]) }),
});

export const orderStatusChanged = defineEvent({
  type: "orders.order.status_changed",
  version: 1,
  description:
    "The order came to another status, the first included: for live views, which need no reason and no total.",
  key: "orderId",
  id: "status:{orderId}:{version}",
  schema: order.extend({
    status: z.enum([
      "PENDING",
      "AWAITING_PAYMENT",
      "CONFIRMED",
      "PAID",
      "SHIPPED",
      "DELIVERED",
      "CANCELLING",
      "CANCELLED",
    ]),
  }),
});
