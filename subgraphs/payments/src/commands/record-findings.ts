import { newId } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import { lockPayments } from "../db/payments.ts";
import type { OperationRow } from "../db/schema.ts";
import { conclude, type Finding, retryDelayMs } from "../domain/operation.ts";
import { createPaymentChanges } from "./payment-changes.ts";

/** What an attempt at a claimed operation found out. */
export interface Found {
  /** As it was claimed. */
  readonly operation: OperationRow;
  readonly finding: Finding;
}

/** What was made of it: the operation ended, or is to be tried again after `delayMs`, since `reason`. */
export type Recorded = { readonly kind: "ended" } | { readonly kind: "postponed"; delayMs: number; reason: string };

/** Records what attempts found out, one after another, with the events that follow. Answers one each. */
export const recordFindings = async (tx: Tx, found: readonly Found[], now: Date): Promise<Recorded[]> => {
  const ids = [...new Set(found.map(({ operation }) => operation.paymentId))];
  const changes = createPaymentChanges(await lockPayments(tx, { ids }), now);
  const recorded = found.map(({ operation, finding }): Recorded => {
    const stored = changes.ofId(operation.paymentId);
    const current = stored?.operations.find(({ id }) => id === operation.id);
    // A webhook cannot end it, but another worker can, once this one's lease has run out.
    if (!stored || !current || current.doneAt !== null) return { kind: "ended" };
    const conclusion = conclude(operation, finding, stored.payment, newId("ref"));
    if (conclusion.done) changes.put(stored, { ...current, doneAt: now });
    changes.decide(stored, conclusion.decision);
    if (conclusion.done) return { kind: "ended" };

    const reason = finding.kind === "unknown" ? finding.reason : "not settled yet";
    const delayMs = retryDelayMs(operation.attempts, Math.random());
    const nextAttemptAt = new Date(now.getTime() + delayMs);
    // Claimed by another worker meanwhile, it is that one's to postpone.
    if (current.attempts === operation.attempts)
      changes.put(stored, { ...current, nextAttemptAt, lastError: reason.slice(0, 500) });
    return { kind: "postponed", delayMs, reason };
  });
  await changes.save(tx);
  return recorded;
};
