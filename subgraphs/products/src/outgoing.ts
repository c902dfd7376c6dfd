import { productEvents } from "@supergraph/contracts";
import { type Cause, type Message, newMessage } from "@supergraph/messaging";
import type { PublishedVariant } from "./domain/product-change.ts";
import type { ReservationAnswer } from "./domain/reservation.ts";

export const variantChanged = (
  productId: string,
  { price, currency, ...variant }: PublishedVariant,
  time: Date,
  cause: Cause,
): Message =>
  newMessage(productEvents.variantChanged, {
    ...cause,
    id: `variant:${variant.variantId}:${variant.version}`,
    key: variant.variantId,
    time,
    data: { ...variant, productId, price: { minorUnits: price, currency } },
  });

/** `id` is fresh for each answer: a repeated command is answered again, and that answer must not be dropped as a repeat. */
export const reservationAnswered = (
  id: string,
  { reservationId, orderId }: { reservationId: string; orderId: string },
  answer: ReservationAnswer,
  time: Date,
  cause: Cause,
): Message => {
  const event = { ...cause, id, key: orderId, time };
  const reservation = { reservationId, orderId };
  switch (answer.kind) {
    case "reserved":
      return newMessage(productEvents.stockReserved, {
        ...event,
        data: { ...reservation, expiresAt: answer.expiresAt.toISOString() },
      });
    case "rejected":
      return newMessage(productEvents.stockRejected, {
        ...event,
        data: { ...reservation, reason: answer.reason, shortages: [...answer.shortages] },
      });
    case "committed":
      return newMessage(productEvents.stockCommitted, { ...event, data: reservation });
    case "released":
      return newMessage(productEvents.stockReleased, {
        ...event,
        data: { ...reservation, restocked: answer.restocked },
      });
    case "expired":
      return newMessage(productEvents.stockExpired, { ...event, data: reservation });
  }
};
