import { newId } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import { lockPayments, type StoredPayment } from "../db/payments.ts";
import { recordWebhookEvents } from "../db/webhook-events.ts";
import { observe } from "../domain/payment.ts";
import type { ProviderPayment } from "../domain/provider-payment.ts";
import { createPaymentChanges } from "./payment-changes.ts";

export interface Webhook {
  readonly eventId: string;
  readonly payment: ProviderPayment;
}

export type TakenWebhook =
  | { readonly kind: "taken" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "unknownPayment" };

/**
 * Takes in what the provider tells, once an event id. It may tell before it has answered our request: the payment is
 * found by the order. Nothing is recorded for a payment that is not ours. Answers one a webhook.
 */
export const takeWebhooks = async (tx: Tx, webhooks: readonly Webhook[], now: Date): Promise<TakenWebhook[]> => {
  const orderIds = [...new Set(webhooks.map(({ payment }) => payment.reference))];
  const changes = createPaymentChanges(await lockPayments(tx, { orderIds }), now);
  const ours = webhooks.filter(({ payment }) => isOurs(changes.ofOrder(payment.reference), payment));
  const untaken = await recordWebhookEvents(
    tx,
    ours.map(({ eventId }) => eventId),
    now,
  );
  const taken = webhooks.map(({ eventId, payment: seen }): TakenWebhook => {
    const stored = changes.ofOrder(seen.reference);
    if (!stored || !isOurs(stored, seen)) return { kind: "unknownPayment" };
    if (!untaken.delete(eventId)) return { kind: "duplicate" };
    changes.decide(stored, observe(stored.payment, seen, newId("ref")));
    return { kind: "taken" };
  });
  await changes.save(tx);
  return taken;
};

const isOurs = (stored: StoredPayment | null, seen: ProviderPayment): boolean =>
  stored !== null && (stored.payment.providerPaymentId ?? seen.id) === seen.id;
