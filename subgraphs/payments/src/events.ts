import { orderEvents, userEvents } from "@supergraph/contracts";
import { on, onBatch, type ReceivedEvent, type Subscription } from "@supergraph/messaging";
import { authorizePayments } from "./commands/authorize-payments.ts";
import { capturePayments, refundOrders, voidPayments } from "./commands/change-payments.ts";
import type { Commanded } from "./commands/commanded.ts";
import type { Tx } from "./db/connection.ts";
import { eraseUnsentTokens } from "./db/payments.ts";

/** What payments subscribes to. Handlers record; a worker asks the provider. */
export const subscriptions = (now: () => Date): readonly Subscription<Tx>[] => [
  onBatch(orderEvents.authorizePayment, (events, tx: Tx) => authorizePayments(tx, events.map(commanded), now())),
  onBatch(orderEvents.capturePayment, (events, tx: Tx) => capturePayments(tx, events.map(commanded), now())),
  onBatch(orderEvents.voidPayment, (events, tx: Tx) => voidPayments(tx, events.map(commanded), now())),
  onBatch(orderEvents.refundPayment, (events, tx: Tx) => refundOrders(tx, events.map(commanded), now())),
  on(userEvents.userDeleted, (event, tx: Tx) => eraseUnsentTokens(tx, event.data.userId)),
];

const commanded = <Data extends { readonly orderId: string }>({
  id,
  correlationId,
  data,
}: ReceivedEvent<Data>): Data & Commanded => ({ ...data, cause: { correlationId, causationId: id } });
