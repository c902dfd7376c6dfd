import { open } from "node:fs/promises";
import { z } from "zod";
import { readLines } from "../../sandbox-provider/src/journal.ts";

/** What the provider did with one order's money, by its own books. */
export interface ProviderPayment {
  readonly id: string;
  /** The order. */
  readonly reference: string;
  readonly status: string;
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** `<our id of the refund> <minor units>`, sorted. */
  readonly refunds: readonly string[];
  /** How often money was taken for it. */
  readonly captures: number;
}

export interface JournalReader {
  /** Reads on from where the last call ended; a line that is being written is left for the next. */
  readOn(): Promise<void>;
  payments(): Iterable<ProviderPayment>;
  /** Empty for an order that the provider was never asked about. */
  paymentsOf(orderId: string): readonly ProviderPayment[];
  undeliveredWebhooks(): number;
}

const JournalRecord = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("payment"),
    payment: z.object({
      id: z.string(),
      reference: z.string(),
      status: z.string(),
      authorizedMinor: z.int(),
      capturedMinor: z.int(),
      refundedMinor: z.int(),
      refunds: z.array(z.object({ reference: z.string().nullable(), amountMinor: z.int() })),
    }),
    webhook: z.object({ id: z.string() }).nullable(),
  }),
  z.object({ kind: z.literal("erred") }),
  z.object({ kind: z.literal("delivered"), webhookId: z.string() }),
]);

/** Follows the sandbox provider's `journal.jsonl`, of which it keeps the payments only: the file may be gigabytes. */
export const openJournalReader = (path: string): JournalReader => {
  const payments = new Map<string, ProviderPayment>();
  const idsByReference = new Map<string, string[]>();
  const webhooks = new Set<string>();
  let offset = 0;

  const take = (line: string): void => {
    const record = JournalRecord.parse(JSON.parse(line));
    if (record.kind === "delivered") webhooks.delete(record.webhookId);
    if (record.kind !== "payment") return;
    const { payment, webhook } = record;
    const before = payments.get(payment.id);
    if (!before) idsByReference.set(payment.reference, [...(idsByReference.get(payment.reference) ?? []), payment.id]);
    const isCaptured = payment.status === "captured" && before?.status !== "captured";
    payments.set(payment.id, {
      ...payment,
      refunds: payment.refunds.map(({ reference, amountMinor }) => `${reference} ${amountMinor}`).sort(),
      captures: (before?.captures ?? 0) + (isCaptured ? 1 : 0),
    });
    if (webhook) webhooks.add(webhook.id);
  };

  return {
    async readOn() {
      const file = await open(path, "r");
      try {
        offset = await readLines(file, offset, take);
      } finally {
        await file.close();
      }
    },
    payments: () => payments.values(),
    paymentsOf: (orderId) => (idsByReference.get(orderId) ?? []).flatMap((id) => payments.get(id) ?? []),
    undeliveredWebhooks: () => webhooks.size,
  };
};
