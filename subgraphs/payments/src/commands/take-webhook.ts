import type { Transactions } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import { lockPayment } from "../db/payments.ts";
import type * as schema from "../db/schema.ts";
import { webhookEvents } from "../db/schema.ts";
import { observe } from "../domain/payment.ts";
import type { ProviderPayment } from "../domain/provider-payment.ts";
import { saveDecision } from "./save-decision.ts";

export type TakeWebhookResult =
  | { readonly kind: "taken" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "unknownPayment" };

export type TakeWebhook = (webhook: {
  readonly eventId: string;
  readonly payment: ProviderPayment;
}) => Promise<TakeWebhookResult>;

/**
 * Takes in what the provider tells, once an event id. It may tell before it has answered our request: the payment is
 * found by the order. Nothing is recorded for a payment that is not ours.
 */
export const makeTakeWebhook =
  ({ transactions, now }: { transactions: Transactions<typeof schema>; now: () => Date }): TakeWebhook =>
  ({ eventId, payment: seen }) =>
    transactions.inTransaction(async (tx) => {
      const stored = await lockPayment(tx, { orderId: seen.reference });
      const known = stored?.payment.providerPaymentId ?? seen.id;
      if (!stored || known !== seen.id) return { kind: "unknownPayment" };
      const first = await tx
        .insert(webhookEvents)
        .values({ id: eventId, handledAt: now() })
        .onConflictDoNothing()
        .returning({ id: webhookEvents.id });
      if (first.length === 0) return { kind: "duplicate" };
      await saveDecision(tx, stored, observe(stored.payment, seen, newId("ref")), { now: now() });
      return { kind: "taken" };
    });
