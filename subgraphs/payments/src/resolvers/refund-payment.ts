import { unauthenticated } from "@supergraph/service";
import type { RefundPaymentResult } from "../commands/refund-payment.ts";
import type { Context } from "../context.ts";
import type { MutationResolvers, PaymentErrorCode, PaymentUserError } from "../generated/resolvers.ts";
import type { PaymentPayloadModel } from "./payloads.ts";

export const refundPayment: MutationResolvers["refundPayment"] = async (_, { input }, context) => {
  if (!context.viewer) throw unauthenticated();
  const { paymentId, amount = null, reason = null, idempotencyKey } = input;
  const result = await context.commands.refundPayment(
    { paymentId, amount, reason, idempotencyKey },
    { userId: context.viewer.userId, correlationId: context.correlationId },
  );
  return toPayload(result, context);
};

const toPayload = async (result: RefundPaymentResult, context: Context): Promise<PaymentPayloadModel> => {
  switch (result.kind) {
    case "recorded":
      return recorded(result, context);
    case "notFound":
      return refused("NOT_FOUND", "There is no such payment.", ["input", "paymentId"]);
    case "notCaptured":
      return refused("NOT_CAPTURED", "Nothing was captured, so nothing can be refunded.", ["input", "paymentId"]);
    case "exceedsCaptured":
      return refused("EXCEEDS_CAPTURED", `Only ${result.left} is left to refund.`, ["input", "amount"]);
    case "idempotencyMismatch":
      return refused("IDEMPOTENCY_MISMATCH", "This key was used for another refund.", ["input", "idempotencyKey"]);
    case "invalid":
      return refused("INVALID", result.message, [...result.path]);
  }
};

const recorded = async (
  { paymentId, refundId }: { paymentId: string; refundId: string },
  { loaders }: Context,
): Promise<PaymentPayloadModel> => {
  // Support refunds what it may see: who holds payments:refund without payments:read gets the refund alone.
  const payment = await loaders.payment.clear(paymentId).load(paymentId);
  const refunds = await loaders.refundsOfPayment.clear(paymentId).load(paymentId);
  const refund = refunds.find(({ id }) => id === refundId) ?? null;
  switch (refund?.status) {
    case "PENDING":
      return {
        payment,
        refund,
        userErrors: [
          userError(
            "PROVIDER_UNAVAILABLE",
            "The payment provider has not answered yet. The refund is recorded and will be completed: do not ask for it again with another key.",
          ),
        ],
      };
    case "FAILED":
      return {
        payment,
        refund,
        userErrors: [userError("PROVIDER_REFUSED", "The payment provider refused the refund.")],
      };
    default:
      return { payment, refund, userErrors: [] };
  }
};

const refused = (code: PaymentErrorCode, message: string, path: string[]): PaymentPayloadModel => ({
  payment: null,
  refund: null,
  userErrors: [userError(code, message, path)],
});

const userError = (code: PaymentErrorCode, message: string, path: string[] | null = null): PaymentUserError => ({
  code,
  message,
  path,
});
