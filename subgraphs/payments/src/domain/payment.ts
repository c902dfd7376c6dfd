import type { ProviderPayment } from "./provider-payment.ts";

export type PaymentStatus =
  | "PENDING"
  | "ACTION_REQUIRED"
  | "AUTHORIZED"
  | "CAPTURED"
  | "PARTIALLY_REFUNDED"
  | "REFUNDED"
  | "VOIDED"
  | "FAILED";

export type RefundStatus = "PENDING" | "SUCCEEDED" | "FAILED";

export interface Refund {
  readonly id: string;
  readonly amountMinor: bigint;
  readonly status: RefundStatus;
}

/** The aggregate that decisions are made on. Amounts are minor units of one currency. */
export interface Payment {
  readonly status: PaymentStatus;
  readonly amountMinor: bigint;
  /** What the provider held at its most; 0 once voided. */
  readonly authorizedMinor: bigint;
  readonly capturedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly declineCode: string | null;
  /** Where the customer confirms; null unless `ACTION_REQUIRED`. */
  readonly nextActionUrl: string | null;
  /** Null until the provider has told of it. */
  readonly providerPaymentId: string | null;
  /** The order gave the payment up, and still waits for the answer. */
  readonly voidRequested: boolean;
  /** Oldest first. */
  readonly refunds: readonly Refund[];
}

/** What the rest of the shop is told. */
export type Announcement =
  | { readonly kind: "authorized" }
  | { readonly kind: "actionRequired" }
  | { readonly kind: "declined"; readonly declineCode: string }
  | { readonly kind: "captured" }
  | { readonly kind: "voided" }
  | { readonly kind: "refunded"; readonly refund: Refund }
  | { readonly kind: "failed"; readonly operation: OperationKind; readonly reason: string };

export type OperationKind = "AUTHORIZE" | "CAPTURE" | "VOID" | "REFUND";

/** What is to be asked of the provider. */
export type Request =
  | { readonly kind: "CAPTURE" }
  | { readonly kind: "VOID" }
  | { readonly kind: "REFUND"; readonly refund: Refund };

/** A payment after a decision, with what follows from it. */
export interface Decision {
  readonly payment: Payment;
  readonly announcements: readonly Announcement[];
  readonly requests: readonly Request[];
}

/** How far the authorisation's request got. */
export type AuthorizeProgress = "not sent" | "sent";

export const isAuthorizationOpen = ({ status }: Payment): boolean =>
  status === "PENDING" || status === "ACTION_REQUIRED";

/** Captured, not refunded, and not about to be. */
export const refundableMinor = ({ capturedMinor, refundedMinor, refunds }: Payment): bigint =>
  capturedMinor - refundedMinor - pendingRefundMinor(refunds);

export const pendingRefundMinor = (refunds: readonly Refund[]): bigint =>
  refunds.reduce((sum, { status, amountMinor }) => (status === "PENDING" ? sum + amountMinor : sum), 0n);

/** The order asks again for an authorisation that it asked for before: it gets what came of it, as far as known. */
export const repeatAuthorize = (payment: Payment): Decision => {
  if (payment.voidRequested) return unchanged(payment);
  switch (payment.status) {
    case "PENDING":
      return unchanged(payment);
    case "ACTION_REQUIRED":
      return unchanged(payment, { kind: "actionRequired" });
    case "AUTHORIZED":
    case "CAPTURED":
    case "PARTIALLY_REFUNDED":
    case "REFUNDED":
      return unchanged(payment, { kind: "authorized" });
    case "FAILED":
      return unchanged(payment, { kind: "declined", declineCode: payment.declineCode ?? "declined" });
    case "VOIDED":
      return unchanged(payment, { kind: "failed", operation: "AUTHORIZE", reason: "The payment was voided." });
  }
};

export const requestCapture = (payment: Payment): Decision => {
  const refuse = (reason: string) => unchanged(payment, { kind: "failed", operation: "CAPTURE", reason });
  switch (payment.status) {
    case "AUTHORIZED":
      return payment.voidRequested
        ? refuse("The payment is being voided.")
        : { ...unchanged(payment), requests: [{ kind: "CAPTURE" }] };
    case "CAPTURED":
    case "PARTIALLY_REFUNDED":
    case "REFUNDED":
      return unchanged(payment, { kind: "captured" });
    case "PENDING":
    case "ACTION_REQUIRED":
      return refuse("The payment is not authorised yet.");
    case "VOIDED":
      return refuse("The payment was voided.");
    case "FAILED":
      return refuse("The payment was declined.");
  }
};

/**
 * The order gives the payment up. What was captured meanwhile is refunded whole, and then answered as voided: either
 * way nothing is held. `newRefundId` is used in that case only.
 */
export const requestVoid = (payment: Payment, authorize: AuthorizeProgress, newRefundId: string): Decision => {
  switch (payment.status) {
    case "PENDING":
      // Nobody was asked for the money yet, so nobody needs to be asked to give it up.
      return authorize === "not sent"
        ? unchanged(closed(payment), { kind: "voided" })
        : { ...unchanged({ ...payment, voidRequested: true }), requests: [{ kind: "VOID" }] };
    case "ACTION_REQUIRED":
    case "AUTHORIZED":
      return { ...unchanged({ ...payment, voidRequested: true }), requests: [{ kind: "VOID" }] };
    case "CAPTURED":
    case "PARTIALLY_REFUNDED":
      return refundRest({ ...payment, voidRequested: true }, newRefundId);
    case "REFUNDED":
    case "VOIDED":
    case "FAILED":
      return unchanged(payment, { kind: "voided" });
  }
};

/** The order wants back all that is left. */
export const requestFullRefund = (payment: Payment, newRefundId: string): Decision => {
  switch (payment.status) {
    case "CAPTURED":
    case "PARTIALLY_REFUNDED":
      return refundRest(payment, newRefundId);
    case "REFUNDED": {
      const last = payment.refunds.findLast(({ status }) => status === "SUCCEEDED");
      return last ? unchanged(payment, { kind: "refunded", refund: last }) : unchanged(payment);
    }
    case "PENDING":
    case "ACTION_REQUIRED":
    case "AUTHORIZED":
    case "VOIDED":
    case "FAILED":
      return unchanged(payment, { kind: "failed", operation: "REFUND", reason: "Nothing was captured." });
  }
};

/** Sets `amountMinor` aside for a refund; the caller has checked that so much is left. */
export const startRefund = (payment: Payment, refund: Refund): Decision => ({
  payment: { ...payment, refunds: [...payment.refunds, refund] },
  announcements: [],
  requests: [{ kind: "REFUND", refund }],
});

/**
 * Takes in what the provider shows, from an answer, a webhook or a question, in any order and any number of times:
 * an older picture than what is known changes nothing.
 */
export const observe = (payment: Payment, seen: ProviderPayment, newRefundId: string): Decision => {
  const known: Payment = { ...payment, providerPaymentId: payment.providerPaymentId ?? seen.id };
  return settleRefunds(observeStatus(known, seen, newRefundId), seen);
};

/** The provider knows nothing of the payment, and the request for it cannot be on its way any more. */
export const observeAbsence = (payment: Payment): Decision => {
  if (payment.providerPaymentId !== null) return unchanged(payment);
  if (payment.voidRequested) return unchanged(closed(payment), { kind: "voided" });
  return unchanged(payment);
};

/** The provider refused for good, before there was a payment, or to do more with the one there is. */
export const refuse = (
  payment: Payment,
  operation: OperationKind,
  reason: string,
  refundId: string | null,
): Decision => {
  const failed: Announcement = { kind: "failed", operation, reason };
  switch (operation) {
    case "AUTHORIZE":
      if (!isAuthorizationOpen(payment)) return unchanged(payment);
      if (payment.voidRequested) return unchanged(closed(payment), { kind: "voided" });
      return unchanged(
        { ...payment, status: "FAILED", declineCode: reason, nextActionUrl: null },
        { kind: "declined", declineCode: reason },
      );
    case "CAPTURE":
      return payment.capturedMinor > 0n ? unchanged(payment) : unchanged(payment, failed);
    case "VOID":
      return payment.voidRequested ? unchanged(payment, failed) : unchanged(payment);
    case "REFUND": {
      const refund = payment.refunds.find(({ id, status }) => id === refundId && status === "PENDING");
      if (!refund) return unchanged(payment);
      return unchanged({ ...payment, refunds: withStatus(payment.refunds, refund.id, "FAILED") }, failed);
    }
  }
};

const observeStatus = (payment: Payment, seen: ProviderPayment, newRefundId: string): Decision => {
  switch (seen.status) {
    case "processing":
      return unchanged(payment);
    case "requiresAction":
      if (payment.status === "VOIDED") return { ...unchanged(payment), requests: [{ kind: "VOID" }] };
      if (!isAuthorizationOpen(payment)) return unchanged(payment);
      return unchanged(
        { ...payment, status: "ACTION_REQUIRED", nextActionUrl: seen.nextActionUrl },
        payment.status === "PENDING" && !payment.voidRequested && { kind: "actionRequired" },
      );
    case "authorized":
      // Money is held for a payment that was given up for lost: give it back.
      if (payment.status === "VOIDED" || payment.status === "FAILED")
        return { ...unchanged(payment), requests: [{ kind: "VOID" }] };
      if (!isAuthorizationOpen(payment)) return unchanged(payment);
      return unchanged(authorized(payment, seen), !payment.voidRequested && { kind: "authorized" });
    case "declined":
      if (!isAuthorizationOpen(payment)) return unchanged(payment);
      if (payment.voidRequested) return unchanged(closed(payment), { kind: "voided" });
      return unchanged(
        { ...payment, status: "FAILED", declineCode: seen.declineCode ?? "declined", nextActionUrl: null },
        { kind: "declined", declineCode: seen.declineCode ?? "declined" },
      );
    case "captured": {
      const captured: Payment = {
        ...authorized(payment, seen),
        status: "CAPTURED",
        capturedMinor: seen.capturedMinor,
      };
      if (payment.status === "VOIDED" || payment.status === "FAILED") return refundRest(captured, newRefundId);
      if (payment.capturedMinor > 0n) return unchanged(payment);
      const told = unchanged(captured, isAuthorizationOpen(payment) && { kind: "authorized" }, { kind: "captured" });
      if (!payment.voidRequested) return told;
      const rest = refundRest(captured, newRefundId);
      return { ...rest, announcements: [...told.announcements, ...rest.announcements] };
    }
    case "voided":
      if (!isAuthorizationOpen(payment) && payment.status !== "AUTHORIZED") return unchanged(payment);
      return unchanged(closed(payment), { kind: "voided" });
  }
};

/** Refunds that the provider shows as made, whoever asked first. */
const settleRefunds = (decision: Decision, seen: ProviderPayment): Decision =>
  decision.payment.refunds
    .filter(({ id, status }) => status === "PENDING" && seen.refundReferences.includes(id))
    .reduce((settled, refund) => succeedRefund(settled, refund), decision);

const succeedRefund = ({ payment, announcements, requests }: Decision, refund: Refund): Decision => {
  const refundedMinor = payment.refundedMinor + refund.amountMinor;
  const full = refundedMinor === payment.capturedMinor;
  return {
    payment: {
      ...payment,
      refundedMinor,
      status: full ? "REFUNDED" : "PARTIALLY_REFUNDED",
      voidRequested: payment.voidRequested && !full,
      refunds: withStatus(payment.refunds, refund.id, "SUCCEEDED"),
    },
    announcements: [
      ...announcements,
      { kind: "refunded", refund: { ...refund, status: "SUCCEEDED" } },
      ...(full && payment.voidRequested ? [{ kind: "voided" } as const] : []),
    ],
    requests: requests.filter((request) => request.kind !== "REFUND" || request.refund.id !== refund.id),
  };
};

/** With nothing left to set aside, the refunds that are under way bring the answer. */
const refundRest = (payment: Payment, newRefundId: string): Decision => {
  const amountMinor = refundableMinor(payment);
  return amountMinor > 0n
    ? startRefund(payment, { id: newRefundId, amountMinor, status: "PENDING" })
    : unchanged(payment);
};

const authorized = (payment: Payment, seen: ProviderPayment): Payment => ({
  ...payment,
  status: "AUTHORIZED",
  authorizedMinor: seen.authorizedMinor,
  nextActionUrl: null,
});

const closed = (payment: Payment): Payment => ({
  ...payment,
  status: "VOIDED",
  authorizedMinor: 0n,
  nextActionUrl: null,
  voidRequested: false,
});

const withStatus = (refunds: readonly Refund[], id: string, status: RefundStatus): readonly Refund[] =>
  refunds.map((refund) => (refund.id === id ? { ...refund, status } : refund));

const unchanged = (payment: Payment, ...announcements: (Announcement | false)[]): Decision => ({
  payment,
  announcements: announcements.filter((announcement) => announcement !== false),
  requests: [],
});
