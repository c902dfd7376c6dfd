import { findTextFault, parseAmount } from "@supergraph/contracts";
import { type Payment, refundableMinor } from "./payment.ts";

export interface RefundInput {
  readonly paymentId: string;
  /** Decimal text in the payment's currency; null refunds all that is left. */
  readonly amount: string | null;
  readonly reason: string | null;
  readonly idempotencyKey: string;
}

/** `path` is the input field at fault. */
export interface InvalidInput {
  readonly kind: "invalid";
  readonly path: readonly string[];
  readonly message: string;
}

export type RefundDecision =
  | { readonly kind: "refundable"; readonly amountMinor: bigint }
  | { readonly kind: "notCaptured" }
  | { readonly kind: "exceedsCaptured"; readonly leftMinor: bigint };

const MAX_KEY_LENGTH = 128;
const MAX_REASON_LENGTH = 500;

/** What is wrong with the input whatever the payment; null when nothing is. `currency` is the shop's. */
export const checkRefundInput = (
  { amount, reason, idempotencyKey }: RefundInput,
  currency: string,
): InvalidInput | null => {
  if (findTextFault(idempotencyKey, { max: MAX_KEY_LENGTH }))
    return invalid("idempotencyKey", `The key must have 1 to ${MAX_KEY_LENGTH} characters, and no control characters.`);
  const reasonFault = findTextFault(reason ?? "", { max: MAX_REASON_LENGTH, lines: true });
  if (reasonFault !== null && reasonFault !== "blank")
    return invalid(
      "reason",
      `The reason must have at most ${MAX_REASON_LENGTH} characters, and no control characters.`,
    );
  if (amount === null) return null;
  const parsed = parseAmount(amount, currency);
  switch (parsed.kind) {
    case "ok":
      return parsed.money.minorUnits > 0n ? null : invalid("amount", "The amount must be greater than 0.");
    case "tooPrecise":
      return invalid("amount", `The amount may have at most ${parsed.allowedDecimals} decimals.`);
    case "outOfRange":
    case "notANumber":
    case "unknownCurrency":
      return invalid("amount", 'The amount must be decimal text such as "19.99".');
  }
};

/** Minor units of a checked amount; null for all that is left. */
export const requestedMinor = (amount: string | null, currency: string): bigint | null => {
  if (amount === null) return null;
  const parsed = parseAmount(amount, currency);
  return parsed.kind === "ok" ? parsed.money.minorUnits : null;
};

export const decideRefund = (payment: Payment, requested: bigint | null): RefundDecision => {
  if (payment.capturedMinor === 0n) return { kind: "notCaptured" };
  const leftMinor = refundableMinor(payment);
  const amountMinor = requested ?? leftMinor;
  return amountMinor > leftMinor || leftMinor === 0n
    ? { kind: "exceedsCaptured", leftMinor }
    : { kind: "refundable", amountMinor };
};

const invalid = (field: string, message: string): InvalidInput => ({
  kind: "invalid",
  path: ["input", field],
  message,
});
