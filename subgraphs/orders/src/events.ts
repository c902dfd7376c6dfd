import { orderEvents, paymentEvents, productEvents, userEvents } from "@supergraph/contracts";
import { on, type ReceivedEvent, type Subscription } from "@supergraph/messaging";
import type { AdvanceSaga } from "./commands/advance-saga.ts";
import { forgetCustomer } from "./commands/forget-customer.ts";
import type { Tx } from "./db/connection.ts";
import { projectVariantPrices } from "./db/variant-prices.ts";
import type { SagaEvent } from "./domain/saga-model.ts";

/**
 * What orders listens to. Not to `users.user.registered`: a cart is made with its first line, and an order needs no
 * more of its customer than the id that the router vouches for.
 */
export const subscriptions = (advance: AdvanceSaga): Subscription<Tx>[] => {
  /** Tells the saga, and makes what follows an effect of the event. */
  const tell = (tx: Tx, event: ReceivedEvent<{ orderId: string }>, sagaEvent: SagaEvent) =>
    advance(tx, event.data.orderId, sagaEvent, {
      correlationId: event.correlationId,
      causationId: event.id,
    }).then(() => undefined);

  return [
    on(productEvents.variantChanged, ({ data: { price, ...variant } }, tx: Tx) =>
      projectVariantPrices(tx, [{ ...variant, priceMinor: price.minorUnits, currency: price.currency }]),
    ),
    on(userEvents.userDeleted, ({ data: { userId } }, tx: Tx) => forgetCustomer(tx, userId)),

    on(productEvents.stockReserved, (event, tx: Tx) =>
      tell(tx, event, { kind: "reserved", reservationId: event.data.reservationId }),
    ),
    on(productEvents.stockRejected, (event, tx: Tx) =>
      tell(tx, event, { kind: "rejected", reservationId: event.data.reservationId }),
    ),
    on(productEvents.stockCommitted, (event, tx: Tx) =>
      tell(tx, event, { kind: "committed", reservationId: event.data.reservationId }),
    ),
    on(productEvents.stockReleased, (event, tx: Tx) =>
      tell(tx, event, {
        kind: "released",
        reservationId: event.data.reservationId,
        restocked: event.data.restocked,
      }),
    ),
    on(productEvents.stockExpired, (event, tx: Tx) =>
      tell(tx, event, { kind: "expired", reservationId: event.data.reservationId }),
    ),

    on(paymentEvents.paymentAuthorized, (event, tx: Tx) => tell(tx, event, { kind: "authorized" })),
    on(paymentEvents.paymentActionRequired, (event, tx: Tx) => tell(tx, event, { kind: "actionRequired" })),
    on(paymentEvents.paymentDeclined, (event, tx: Tx) =>
      tell(tx, event, { kind: "declined", declineCode: event.data.declineCode }),
    ),
    on(paymentEvents.paymentCaptured, (event, tx: Tx) => tell(tx, event, { kind: "captured" })),
    on(paymentEvents.paymentVoided, (event, tx: Tx) => tell(tx, event, { kind: "voided" })),
    on(paymentEvents.paymentRefunded, (event, tx: Tx) => tell(tx, event, { kind: "refunded", full: event.data.full })),
    on(paymentEvents.paymentFailed, (event, tx: Tx) =>
      tell(tx, event, { kind: "failed", operation: event.data.operation, reason: event.data.reason }),
    ),
  ];
};

/** Every change of status has one, so this is all that live views need. */
export const LIVE_SUBJECT = orderEvents.orderStatusChanged.subject;
