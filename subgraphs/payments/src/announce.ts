import { type Money, money, paymentEvents } from "@supergraph/contracts";
import { type Cause, type Contract, type Message, newMessage } from "@supergraph/messaging";
import { newId } from "@supergraph/service";
import type { z } from "zod";
import type { OperationRow } from "./db/schema.ts";
import type { Announcement, OperationKind, Payment } from "./domain/payment.ts";

export interface Announced {
  /** Null when there is no payment, as for a void that comes before its authorise. */
  readonly paymentId: string | null;
  readonly orderId: string;
  readonly cause: Cause;
  readonly time: Date;
}

/** The event that tells the rest of the shop what became of a payment. */
export const toMessage = (
  announcement: Announcement,
  about: Announced & { readonly paymentId: string; readonly payment: Payment; readonly currency: string },
): Message => {
  const { paymentId, orderId, payment, currency } = about;
  const amount = (minorUnits: bigint): Money => money(minorUnits, currency);
  const subject = { paymentId, orderId };
  switch (announcement.kind) {
    case "authorized":
      return event(paymentEvents.paymentAuthorized, about, { ...subject, amount: amount(payment.amountMinor) });
    case "actionRequired":
      return event(paymentEvents.paymentActionRequired, about, subject);
    case "declined":
      return event(paymentEvents.paymentDeclined, about, { ...subject, declineCode: announcement.declineCode });
    case "captured":
      return event(paymentEvents.paymentCaptured, about, { ...subject, amount: amount(payment.capturedMinor) });
    case "voided":
      return voidedMessage(about);
    case "refunded":
      return event(paymentEvents.paymentRefunded, about, {
        ...subject,
        refundId: announcement.refund.id,
        amount: amount(announcement.refund.amountMinor),
        refundedTotal: amount(payment.refundedMinor),
        full: payment.refundedMinor === payment.capturedMinor,
      });
    case "failed":
      return failedMessage(about, announcement.operation, announcement.reason);
  }
};

export const voidedMessage = (about: Announced): Message =>
  event(paymentEvents.paymentVoided, about, { paymentId: about.paymentId, orderId: about.orderId });

export const failedMessage = (about: Announced, operation: OperationKind, reason: string): Message =>
  event(paymentEvents.paymentFailed, about, {
    paymentId: about.paymentId,
    orderId: about.orderId,
    operation,
    reason,
  });

/** What an announcement follows from: the command that opened the operation whose end it tells. */
export const causeOf = (announcement: Announcement, operations: readonly OperationRow[]): Cause => {
  const operation =
    operations.find(({ kind, refundId }) =>
      announcement.kind === "refunded" ? refundId === announcement.refund.id : kind === operationOf(announcement),
    ) ?? operations.at(-1);
  return operation
    ? { correlationId: operation.correlationId, causationId: operation.causationId, headers: operation.trace }
    : { correlationId: newId("cor"), causationId: null };
};

const operationOf = (announcement: Announcement): OperationKind => {
  switch (announcement.kind) {
    case "authorized":
    case "actionRequired":
    case "declined":
      return "AUTHORIZE";
    case "captured":
      return "CAPTURE";
    case "voided":
      return "VOID";
    case "refunded":
      return "REFUND";
    case "failed":
      return announcement.operation;
  }
};

const event = <Schema extends z.ZodType>(
  contract: Contract<Schema>,
  about: Announced,
  data: z.output<Schema>,
): Message => newMessage(contract, { id: newId("evt"), key: about.orderId, time: about.time, data, ...about.cause });
