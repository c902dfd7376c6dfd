import { openLedger } from "./ledger.ts";
import { type Payment, PaymentRecord } from "./payment.ts";

/** A payment of the past, as the provider would have recorded it. Amounts are minor units of `currency`. */
export interface ImportedPayment {
  readonly id: string;
  /** The order's id. */
  readonly reference: string;
  readonly status: "requires_action" | "authorized" | "declined" | "captured" | "voided";
  readonly amountMinor: bigint | number;
  readonly currency: string;
  readonly authorizedMinor: bigint | number;
  readonly capturedMinor: bigint | number;
  readonly refundedMinor: bigint | number;
  readonly declineCode: string | null;
  readonly createdAt: Date;
  /** `reference` is the merchant's id of the refund. */
  readonly refunds: readonly { id: string; reference: string; amountMinor: bigint | number; createdAt: Date }[];
}

/**
 * Writes `payments` into the journal in `directory`, without webhooks. Safe to repeat: an id that is there is left as it is.
 * Only while no provider runs on the directory: it would not see them.
 * @throws JournalError when the journal cannot be used.
 */
export const importPayments = async (directory: string, payments: readonly ImportedPayment[]): Promise<void> => {
  const { ledger } = await openLedger(directory);
  try {
    const missing = payments.filter(({ id }) => !ledger.payment(id));
    await Promise.all(
      missing.map((payment) => ledger.change({ payment: toRecord(payment), answer: null, webhook: null })),
    );
  } finally {
    await ledger.close();
  }
};

const toRecord = (payment: ImportedPayment): Payment =>
  PaymentRecord.parse({
    ...payment,
    amountMinor: Number(payment.amountMinor),
    authorizedMinor: Number(payment.authorizedMinor),
    capturedMinor: Number(payment.capturedMinor),
    refundedMinor: Number(payment.refundedMinor),
    createdAt: payment.createdAt.toISOString(),
    refunds: payment.refunds.map((refund) => ({
      ...refund,
      amountMinor: Number(refund.amountMinor),
      createdAt: refund.createdAt.toISOString(),
    })),
    actionSecret: payment.status === "requires_action" ? payment.id : null,
    returnUrl: null,
  });
