import { SHOP_CURRENCY } from "@supergraph/contracts";
import { openDatabase } from "@supergraph/postgres";
import * as schema from "./db/schema.ts";
import { payments, refunds } from "./db/schema.ts";
import type { PaymentStatus, RefundStatus } from "./domain/payment.ts";

/** A payment of the past whose outcome is known. Amounts are minor units of the shop's currency. */
export interface SeedPayment {
  readonly id: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly providerPaymentId: string | null;
  readonly status: PaymentStatus;
  readonly amountMinor: bigint;
  readonly authorizedMinor: bigint;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly declineCode: string | null;
  readonly createdAt: Date;
  readonly refunds: readonly {
    readonly id: string;
    readonly amountMinor: bigint;
    readonly status: RefundStatus;
    readonly createdAt: Date;
  }[];
}

/** A row has 17 parameters and a statement at most 65,534. */
const ROWS_PER_INSERT = 1_000;

/** Inserts what is not there yet, all or nothing; announces nothing. Safe to repeat. */
export const seedPayments = (databaseUrl: string, seeds: readonly SeedPayment[]): Promise<void> =>
  withDatabase(databaseUrl, (db) =>
    db.transaction(async (tx) => {
      for (let start = 0; start < seeds.length; start += ROWS_PER_INSERT) {
        const batch = seeds.slice(start, start + ROWS_PER_INSERT);
        await tx.insert(payments).values(batch.map(toPaymentRow)).onConflictDoNothing();
        const refundRows = batch.flatMap(toRefundRows);
        if (refundRows.length > 0) await tx.insert(refunds).values(refundRows).onConflictDoNothing();
      }
    }),
  );

/** Whether there is any payment. */
export const isSeeded = (databaseUrl: string): Promise<boolean> =>
  withDatabase(databaseUrl, async (db) => (await db.select({ id: payments.id }).from(payments).limit(1)).length > 0);

const withDatabase = async <T>(
  url: string,
  work: (db: ReturnType<typeof openDatabase<typeof schema>>["db"]) => Promise<T>,
): Promise<T> => {
  const database = openDatabase({ url, schema, max: 1, applicationName: "payments-seed" });
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
};

const toPaymentRow = (seed: SeedPayment): typeof payments.$inferInsert => ({
  id: seed.id,
  orderId: seed.orderId,
  customerId: seed.customerId,
  providerPaymentId: seed.providerPaymentId,
  status: seed.status,
  currency: SHOP_CURRENCY,
  amountMinor: seed.amountMinor,
  authorizedMinor: seed.authorizedMinor,
  capturedMinor: seed.capturedMinor,
  refundedMinor: seed.refundedMinor,
  refundPendingMinor: seed.refunds.reduce(
    (sum, { status, amountMinor }) => (status === "PENDING" ? sum + amountMinor : sum),
    0n,
  ),
  declineCode: seed.declineCode,
  nextActionUrl: null,
  paymentMethodToken: null,
  voidRequested: false,
  createdAt: seed.createdAt,
  updatedAt: seed.createdAt,
});

const toRefundRows = (seed: SeedPayment): (typeof refunds.$inferInsert)[] =>
  seed.refunds.map((refund) => ({ ...refund, paymentId: seed.id, currency: SHOP_CURRENCY }));
