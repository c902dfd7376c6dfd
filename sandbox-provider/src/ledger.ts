import { newId } from "@supergraph/service";
import { z } from "zod";
import { type Journal, openJournal } from "./journal.ts";
import { type Payment, PaymentRecord, type PaymentView } from "./payment.ts";

/** What a POST with an idempotency key led to. `body` is null while the payment is processing. */
const AnswerRecord = z.object({
  key: z.string(),
  requestHash: z.string(),
  paymentId: z.string(),
  body: z.unknown().nullable(),
});

const WebhookRecord = z.object({
  id: z.string(),
  type: z.enum(["payment.authorized", "payment.declined", "payment.captured", "payment.voided", "payment.refunded"]),
  createdAt: z.string(),
  /** The payment as it was when the event happened. */
  payment: z.looseObject({ id: z.string() }),
  deliveries: z.int().min(1),
  notBefore: z.string(),
});

const LedgerRecord = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("payment"),
    payment: PaymentRecord,
    answer: AnswerRecord.nullable(),
    webhook: WebhookRecord.nullable(),
  }),
  z.object({ kind: z.literal("erred"), reference: z.string() }),
  z.object({ kind: z.literal("delivered"), webhookId: z.string() }),
]);

export type Answer = z.output<typeof AnswerRecord>;
export type Webhook = z.output<typeof WebhookRecord>;
type LedgerRecord = z.output<typeof LedgerRecord>;

/** The event that tells of a change. `payment` is frozen into it: it shows the payment as it was then. */
export const newWebhook = (
  type: Webhook["type"],
  payment: PaymentView,
  at: Date,
  { deliveries = 1, delayMs = 0 }: { deliveries?: 1 | 2; delayMs?: number } = {},
): Webhook => ({
  id: newId("evt"),
  type,
  createdAt: at.toISOString(),
  payment: { ...payment },
  deliveries,
  notBefore: new Date(at.getTime() + delayMs).toISOString(),
});

/** One atomic change: the payment's new state, what its request is answered, and the event that tells of it. */
export interface Change {
  readonly payment: Payment;
  readonly answer: Answer | null;
  readonly webhook: Webhook | null;
}

/** The provider's state: an index in memory over the journal. Changes are visible at once and durable once awaited. */
export interface Ledger {
  payment(id: string): Payment | undefined;
  paymentsOf(reference: string): readonly Payment[];
  paymentOfAction(secret: string): Payment | undefined;
  processing(): readonly Payment[];
  answer(key: string): Answer | undefined;
  /** The answer that waits for this payment to be settled. */
  openAnswer(paymentId: string): Answer | undefined;
  undelivered(): readonly Webhook[];
  hasErred(reference: string): boolean;
  change(change: Change): Promise<void>;
  markErred(reference: string): Promise<void>;
  markDelivered(webhookId: string): Promise<void>;
  /** Resolves once all that the ledger shows is durable. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** @throws JournalError when the journal in `directory` cannot be used. */
export const openLedger = async (directory: string): Promise<{ ledger: Ledger; torn: boolean }> => {
  const index = createIndex();
  const { journal, torn } = await openJournal(directory, (line) => index.apply(LedgerRecord.parse(JSON.parse(line))));
  return { ledger: createLedger(journal, index), torn };
};

const createIndex = () => {
  const payments = new Map<string, Payment>();
  const idsByReference = new Map<string, string[]>();
  const idsByAction = new Map<string, string>();
  const answers = new Map<string, Answer>();
  const openAnswers = new Map<string, Answer>();
  const webhooks = new Map<string, Webhook>();
  const erred = new Set<string>();

  const apply = (record: LedgerRecord): void => {
    switch (record.kind) {
      case "payment": {
        const { payment, answer, webhook } = record;
        if (!payments.has(payment.id))
          idsByReference.set(payment.reference, [...(idsByReference.get(payment.reference) ?? []), payment.id]);
        payments.set(payment.id, payment);
        if (payment.actionSecret !== null) idsByAction.set(payment.actionSecret, payment.id);
        if (answer) {
          answers.set(answer.key, answer);
          if (answer.body === null) openAnswers.set(payment.id, answer);
          else openAnswers.delete(payment.id);
        }
        if (webhook) webhooks.set(webhook.id, webhook);
        return;
      }
      case "erred":
        erred.add(record.reference);
        return;
      case "delivered":
        webhooks.delete(record.webhookId);
    }
  };
  return { apply, payments, idsByReference, idsByAction, answers, openAnswers, webhooks, erred };
};

const createLedger = (journal: Journal, index: ReturnType<typeof createIndex>): Ledger => {
  const { payments, idsByReference, idsByAction, answers, openAnswers, webhooks, erred } = index;
  const commit = (record: LedgerRecord): Promise<void> => {
    index.apply(record);
    return journal.append(record);
  };

  return {
    payment: (id) => payments.get(id),
    paymentsOf: (reference) => (idsByReference.get(reference) ?? []).flatMap((id) => payments.get(id) ?? []),
    paymentOfAction: (secret) => payments.get(idsByAction.get(secret) ?? ""),
    processing: () => [...payments.values()].filter(({ status }) => status === "processing"),
    answer: (key) => answers.get(key),
    openAnswer: (paymentId) => openAnswers.get(paymentId),
    undelivered: () => [...webhooks.values()],
    hasErred: (reference) => erred.has(reference),
    change: (change) => commit({ kind: "payment", ...change }),
    markErred: (reference) => commit({ kind: "erred", reference }),
    markDelivered: (webhookId) => commit({ kind: "delivered", webhookId }),
    flushed: () => journal.flushed(),
    close: () => journal.close(),
  };
};
