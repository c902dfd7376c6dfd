import { orderEvents, userEvents } from "@supergraph/contracts";
import { on, type ReceivedEvent, type Subscription } from "@supergraph/messaging";
import { authorizePayment } from "./commands/authorize-payment.ts";
import { capturePayment, refundOrder, voidPayment } from "./commands/change-payment.ts";
import type { Tx } from "./db/connection.ts";
import { eraseUnsentTokens } from "./db/payments.ts";

/** What payments subscribes to. Handlers record; a worker asks the provider. */
export const subscriptions = (now: () => Date): readonly Subscription<Tx>[] => [
  on(orderEvents.authorizePayment, (event, tx: Tx) => authorizePayment(tx, event.data, following(event, now))),
  on(orderEvents.capturePayment, (event, tx: Tx) => capturePayment(tx, event.data.orderId, following(event, now))),
  on(orderEvents.voidPayment, (event, tx: Tx) => voidPayment(tx, event.data.orderId, following(event, now))),
  on(orderEvents.refundPayment, (event, tx: Tx) => refundOrder(tx, event.data.orderId, following(event, now))),
  on(userEvents.userDeleted, (event, tx: Tx) => eraseUnsentTokens(tx, event.data.userId)),
];

const following = (event: ReceivedEvent<unknown>, now: () => Date) => ({
  cause: { correlationId: event.correlationId, causationId: event.id },
  now: now(),
});
