import { type EventContract, orderEvents, paymentEvents, productEvents, userEvents } from "@supergraph/contracts";
import { type Bus, consumerName, on, onBatch, type ReceivedEvent, type Subscription } from "@supergraph/messaging";
import type { z } from "zod";
import type { AdvanceSagas } from "./commands/advance-sagas.ts";
import { forgetCustomer } from "./commands/forget-customer.ts";
import type { Tx } from "./db/connection.ts";
import { projectVariantPrices } from "./db/variant-prices.ts";
import type { Load } from "./domain/intake.ts";
import type { SagaEvent } from "./domain/saga-model.ts";

/**
 * What orders listens to. Not to `users.user.registered`: a cart is made with its first line, and an order needs no
 * more of its customer than the id that the router vouches for.
 */
export const subscriptions = (sagas: Pick<AdvanceSagas, "tell">): Subscription<Tx>[] => {
  /** Tells the sagas, and makes what follows an effect of the events. */
  const tells = <Schema extends z.ZodType<{ orderId: string }>>(
    contract: EventContract<Schema>,
    toSagaEvent: (data: z.output<Schema>) => SagaEvent,
  ): Subscription<Tx> =>
    onBatch(contract, (events: readonly ReceivedEvent<z.output<Schema>>[], tx: Tx) =>
      sagas.tell(
        tx,
        events.map(({ id, correlationId, data }) => ({
          orderId: data.orderId,
          event: toSagaEvent(data),
          cause: { correlationId, causationId: id },
        })),
      ),
    );

  return [
    onBatch(productEvents.variantChanged, (events, tx: Tx) =>
      projectVariantPrices(
        tx,
        events.map(({ data: { price, ...variant } }) => ({
          ...variant,
          priceMinor: price.minorUnits,
          currency: price.currency,
        })),
      ),
    ),
    on(userEvents.userDeleted, ({ data: { userId } }, tx: Tx) => forgetCustomer(tx, userId)),

    tells(productEvents.stockReserved, ({ reservationId }) => ({ kind: "reserved", reservationId })),
    tells(productEvents.stockRejected, ({ reservationId }) => ({ kind: "rejected", reservationId })),
    tells(productEvents.stockCommitted, ({ reservationId }) => ({ kind: "committed", reservationId })),
    tells(productEvents.stockReleased, ({ reservationId, restocked }) => ({
      kind: "released",
      reservationId,
      restocked,
    })),
    tells(productEvents.stockExpired, ({ reservationId }) => ({ kind: "expired", reservationId })),

    tells(paymentEvents.paymentAuthorized, () => ({ kind: "authorized" })),
    tells(paymentEvents.paymentActionRequired, () => ({ kind: "actionRequired" })),
    tells(paymentEvents.paymentDeclined, ({ declineCode }) => ({ kind: "declined", declineCode })),
    tells(paymentEvents.paymentCaptured, () => ({ kind: "captured" })),
    tells(paymentEvents.paymentVoided, () => ({ kind: "voided" })),
    tells(paymentEvents.paymentRefunded, ({ full }) => ({ kind: "refunded", full })),
    tells(paymentEvents.paymentFailed, ({ operation, reason }) => ({ kind: "failed", operation, reason })),
  ];
};

/** Every change of status has one, so this is all that live views need. */
export const LIVE_SUBJECT = orderEvents.orderStatusChanged.subject;

/**
 * How much of the checkouts' answers waits to be handled here. Prices count not: a catalogue that is imported anew keeps
 * no order from being worked off.
 */
export const answersLoad = async (bus: Pick<Bus, "lag">): Promise<Pick<Load, "consumer_lag">> => {
  const prices = consumerName({ service: SERVICE, subject: productEvents.variantChanged.subject });
  const answers = (await bus.lag(SERVICE)).filter(({ consumer }) => consumer !== prices);
  return {
    consumer_lag: answers.reduce((sum, { pending, unacknowledged }) => sum + pending + unacknowledged, 0),
  };
};

const SERVICE = "orders";
