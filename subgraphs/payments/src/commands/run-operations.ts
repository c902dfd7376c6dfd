import { reach } from "@supergraph/failpoints";
import { continueTrace } from "@supergraph/messaging";
import type { Database } from "@supergraph/postgres";
import type { Logger } from "@supergraph/service";
import { readPayments, type StoredPayment } from "../db/payments.ts";
import type * as schema from "../db/schema.ts";
import type { OperationRow } from "../db/schema.ts";
import type { Finding } from "../domain/operation.ts";
import { type AskDeps, askProvider } from "./ask-provider.ts";
import type { Found, Recorded } from "./record-findings.ts";

export interface RunOperationsDeps extends AskDeps {
  readonly database: Database<typeof schema>;
  /** Records what was found out, in a transaction that may serve others too. */
  readonly record: (found: Found) => Promise<Recorded>;
  readonly log: Logger;
}

/** One attempt at each of the claimed operations; of each a promise of its own, which rejects where nothing was recorded. */
export type RunOperations = (operations: readonly OperationRow[]) => readonly Promise<void>[];

/**
 * Asks the provider outside of any transaction, then records what came of it, with its events, in one. A crash in
 * between repeats the attempt, with the same idempotency key.
 */
export const makeRunOperations =
  (deps: RunOperationsDeps): RunOperations =>
  (operations) => {
    const before = readAll(deps.database, operations);
    return operations.map((operation) =>
      continueTrace(operation.trace, operation.kind, () => runOne(operation, before, deps)),
    );
  };

const readAll = async (
  { db }: RunOperationsDeps["database"],
  operations: readonly OperationRow[],
): Promise<ReadonlyMap<string, StoredPayment>> => {
  const stored = await readPayments(db, [...new Set(operations.map(({ paymentId }) => paymentId))]);
  return new Map(stored.map((payment) => [payment.row.id, payment]));
};

const runOne = async (
  operation: OperationRow,
  before: Promise<ReadonlyMap<string, StoredPayment>>,
  deps: RunOperationsDeps,
): Promise<void> => {
  const { record, log } = deps;
  const { id, paymentId, attempts: attempt } = operation;
  const stored = (await before).get(paymentId);
  if (!stored) throw new Error(`Operation ${id} is about payment ${paymentId}, which is not there.`);
  const finding = await askProvider(operation, stored, deps);
  if (finding.kind === "seen") reach("provider:answered");

  const recorded = await record({ operation, finding });
  if (recorded.kind === "ended") log.info({ operationId: id, attempt, finding: describe(finding) }, "operation ended");
  else {
    const { delayMs, reason } = recorded;
    log.info({ operationId: id, attempt, reason, delayMs }, "asking the provider again later");
  }
};

const describe = (finding: Finding): string => (finding.kind === "seen" ? finding.payment.status : finding.kind);
