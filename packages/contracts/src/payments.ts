import { z } from "zod";
import { defineEvent } from "./contract.ts";
import { MoneySchema } from "./money.ts";

const payment = z.object({ paymentId: z.string(), orderId: z.string() });

export const paymentAuthorized = defineEvent({
  type: "payments.payment.authorized",
  version: 1,
  description: "The provider holds the amount.",
  key: "orderId",
  schema: payment.extend({ amount: MoneySchema }),
});

export const paymentActionRequired = defineEvent({
  type: "payments.payment.action_required",
  version: 1,
  description: "The customer has to confirm at `Payment.nextActionUrl`.",
  key: "orderId",
  schema: payment,
});

export const paymentDeclined = defineEvent({
  type: "payments.payment.declined",
  version: 1,
  description: "The provider refused; nothing is held.",
  key: "orderId",
  schema: payment.extend({ declineCode: z.string() }),
});

export const paymentCaptured = defineEvent({
  type: "payments.payment.captured",
  version: 1,
  description: "The amount was taken.",
  key: "orderId",
  schema: payment.extend({ amount: MoneySchema }),
});

export const paymentVoided = defineEvent({
  type: "payments.payment.voided",
  version: 1,
  description:
    "Nothing is held or will be: the authorisation was given up or never came to be. Answers `orders.payment.void`.",
  key: "orderId",
  schema: payment.extend({ paymentId: z.string().nullable() }),
});

export const paymentRefunded = defineEvent({
  type: "payments.payment.refunded",
  version: 1,
  description: "A refund succeeded. `full` once nothing captured is left.",
  key: "orderId",
  schema: payment.extend({
    refundId: z.string(),
    amount: MoneySchema,
    refundedTotal: MoneySchema,
    full: z.boolean(),
  }),
});

export const paymentFailed = defineEvent({
  type: "payments.payment.failed",
  version: 1,
  description: "The operation ended without its effect and will not be tried again by itself.",
  key: "orderId",
  schema: payment.extend({
    paymentId: z.string().nullable(),
    operation: z.enum(["AUTHORIZE", "CAPTURE", "VOID", "REFUND"]),
    reason: z.string(),
  }),
});
