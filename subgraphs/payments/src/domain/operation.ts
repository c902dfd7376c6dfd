import {
  type Decision,
  type OperationKind,
  observe,
  observeAbsence,
  type Payment,
  refuse,
  requestVoid,
} from "./payment.ts";
import type { ProviderPayment } from "./provider-payment.ts";

/** What an attempt at an operation found out. */
export type Finding =
  /** `refusal` says why the provider would not do it in the state that the payment is in. */
  | { readonly kind: "seen"; readonly payment: ProviderPayment; readonly refusal: string | null }
  /** The provider has no such payment, and no request for it can still be on its way. */
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string }
  /** The payment's state shows that nothing is to be asked. */
  | { readonly kind: "needless" };

export interface Operation {
  readonly kind: OperationKind;
  /** The refund that a `REFUND` is about. */
  readonly refundId: string | null;
}

export interface Conclusion {
  readonly decision: Decision;
  /** False: the operation is to be tried again. */
  readonly done: boolean;
}

/** What an attempt means for the payment. `newRefundId` is used when a void finds that the money was taken. */
export const conclude = (operation: Operation, finding: Finding, payment: Payment, newRefundId: string): Conclusion => {
  switch (finding.kind) {
    case "needless":
      return { decision: giveBackCaptured(operation, payment, newRefundId), done: true };
    case "unknown":
      return { decision: nothing(payment), done: false };
    case "absent":
      return { decision: observeAbsence(payment), done: true };
    case "refused":
      return { decision: refuse(payment, operation.kind, finding.reason, operation.refundId), done: true };
    case "seen": {
      const decision = observe(payment, finding.payment, newRefundId);
      if (isSettled(operation, decision.payment)) return { decision, done: true };
      // Refused for as long as the provider is processing is not refused for good.
      if (finding.refusal === null || finding.payment.status === "processing") return { decision, done: false };
      const refused = refuse(decision.payment, operation.kind, finding.refusal, operation.refundId);
      return {
        decision: { ...refused, announcements: [...decision.announcements, ...refused.announcements] },
        done: true,
      };
    }
  }
};

/** Whether nothing is left to ask the provider for the operation's sake. */
export const isSettled = ({ kind, refundId }: Operation, payment: Payment): boolean => {
  switch (kind) {
    case "AUTHORIZE":
      return payment.status !== "PENDING" || payment.voidRequested;
    case "CAPTURE":
      return payment.capturedMinor > 0n;
    case "VOID":
      return !payment.voidRequested || payment.capturedMinor > 0n;
    case "REFUND":
      return !payment.refunds.some(({ id, status }) => id === refundId && status === "PENDING");
  }
};

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 30_000;

/** Pause after the attempt of this number (from 1); `random` is from 0 to 1, so that a crowd does not return at once. */
export const retryDelayMs = (attempt: number, random: number): number =>
  Math.round(Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 20)) * (0.75 + random / 4));

const giveBackCaptured = ({ kind }: Operation, payment: Payment, newRefundId: string): Decision =>
  kind === "VOID" && payment.voidRequested && payment.capturedMinor > 0n
    ? requestVoid(payment, "sent", newRefundId)
    : nothing(payment);

const nothing = (payment: Payment): Decision => ({ payment, announcements: [], requests: [] });
