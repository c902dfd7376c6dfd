import { z } from "zod";
import type { ProviderPayment } from "../domain/provider-payment.ts";

const STATUSES = {
  processing: "processing",
  requires_action: "requiresAction",
  authorized: "authorized",
  declined: "declined",
  captured: "captured",
  voided: "voided",
} as const;

const minor = z.int().min(0).transform(BigInt);

/** A payment in the provider's JSON, in answers and in webhooks. Fields that it may add are passed over. */
export const PspPayment = z
  .object({
    id: z.string().min(1).max(255),
    reference: z.string().min(1).max(255),
    status: z.enum(["processing", "requires_action", "authorized", "declined", "captured", "voided"]),
    declineCode: z.string().max(255).nullable(),
    nextActionUrl: z.url({ protocol: /^https?$/ }).nullable(),
    authorizedMinor: minor,
    capturedMinor: minor,
    refunds: z.array(z.object({ reference: z.string().nullable() })).default([]),
  })
  .refine(({ capturedMinor, authorizedMinor }) => capturedMinor <= authorizedMinor, "more is captured than authorised")
  .transform(
    ({ refunds, status, ...payment }): ProviderPayment => ({
      ...payment,
      status: STATUSES[status],
      refundReferences: refunds.flatMap(({ reference }) => reference ?? []),
    }),
  );
