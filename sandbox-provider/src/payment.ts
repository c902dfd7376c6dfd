import { z } from "zod";

const STATUSES = ["processing", "requires_action", "authorized", "declined", "captured", "voided"] as const;

const amount = z.int().min(0);

export const RefundRecord = z.object({
  id: z.string(),
  /** The caller's own id of the refund; null when it gave none. */
  reference: z.string().nullable(),
  amountMinor: amount,
  createdAt: z.string(),
});

export const PaymentRecord = z.object({
  id: z.string(),
  /** The caller's order id. */
  reference: z.string(),
  status: z.enum(STATUSES),
  amountMinor: amount,
  currency: z.string(),
  declineCode: z.string().nullable(),
  authorizedMinor: amount,
  capturedMinor: amount,
  refundedMinor: amount,
  refunds: z.array(RefundRecord),
  /** Path segment of the customer's page, unguessable; null for a payment that never needed one. */
  actionSecret: z.string().nullable(),
  returnUrl: z.string().nullable(),
  createdAt: z.string(),
});

export type Payment = z.output<typeof PaymentRecord>;
export type Refund = z.output<typeof RefundRecord>;

/** What the API and webhooks show of a payment. */
export type PaymentView = Omit<Payment, "actionSecret" | "returnUrl"> & { readonly nextActionUrl: string | null };

export type Transition =
  | { readonly kind: "changed"; readonly payment: Payment }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export const toView = ({ actionSecret, returnUrl: _, ...payment }: Payment, publicUrl: string): PaymentView => ({
  ...payment,
  nextActionUrl:
    payment.status === "requires_action" && actionSecret !== null ? `${publicUrl}/actions/${actionSecret}` : null,
});

/** The authorisation's outcome, from `processing` or from `requires_action`. */
export const settle = (
  payment: Payment,
  outcome: { status: "authorized" } | { status: "requires_action" } | { status: "declined"; declineCode: string },
): Payment => {
  switch (outcome.status) {
    case "authorized":
      return { ...payment, status: "authorized", authorizedMinor: payment.amountMinor };
    case "requires_action":
      return { ...payment, status: "requires_action" };
    case "declined":
      return { ...payment, status: "declined", declineCode: outcome.declineCode };
  }
};

/** The customer's answer on the action page. */
export const answerAction = (payment: Payment, answer: "confirm" | "refuse"): Transition => {
  if (payment.status !== "requires_action") return refused(payment, "action_not_required", "needs no action");
  return {
    kind: "changed",
    payment: settle(
      payment,
      answer === "confirm" ? { status: "authorized" } : { status: "declined", declineCode: "authentication_failed" },
    ),
  };
};

/** Takes the whole of what is held. */
export const capture = (payment: Payment): Transition =>
  payment.status === "authorized"
    ? { kind: "changed", payment: { ...payment, status: "captured", capturedMinor: payment.authorizedMinor } }
    : refused(payment, "not_capturable", "cannot be captured");

/** Gives up what is held, or what waits for the customer. */
export const voidPayment = (payment: Payment): Transition =>
  payment.status === "authorized" || payment.status === "requires_action"
    ? { kind: "changed", payment: { ...payment, status: "voided", authorizedMinor: 0 } }
    : refused(payment, "not_voidable", "cannot be voided");

export const refund = (payment: Payment, made: Refund): Transition => {
  if (payment.status !== "captured") return refused(payment, "not_refundable", "cannot be refunded");
  const left = payment.capturedMinor - payment.refundedMinor;
  if (made.amountMinor > left)
    return {
      kind: "refused",
      code: "refund_exceeds_captured",
      message: `Only ${left} of the captured ${payment.capturedMinor} is left to refund, not ${made.amountMinor}.`,
    };
  return {
    kind: "changed",
    payment: {
      ...payment,
      refundedMinor: payment.refundedMinor + made.amountMinor,
      refunds: [...payment.refunds, made],
    },
  };
};

const refused = (payment: Payment, code: string, what: string): Transition => ({
  kind: "refused",
  code,
  message: `The payment is ${payment.status.replace("_", " ")} and ${what}.`,
});
