import { describe, expect, it } from "vitest";
import {
  type Announcement,
  type Decision,
  observe,
  observeAbsence,
  type Payment,
  type PaymentStatus,
  refundableMinor,
  refuse,
  repeatAuthorize,
  requestCapture,
  requestFullRefund,
  requestVoid,
  startRefund,
} from "./payment.ts";
import type { ProviderPayment } from "./provider-payment.ts";

const STATUSES: readonly PaymentStatus[] = [
  "PENDING",
  "ACTION_REQUIRED",
  "AUTHORIZED",
  "CAPTURED",
  "PARTIALLY_REFUNDED",
  "REFUNDED",
  "VOIDED",
  "FAILED",
];

const SEEN: readonly ProviderPayment["status"][] = [
  "processing",
  "requiresAction",
  "authorized",
  "declined",
  "captured",
  "voided",
];

/** A payment of 100 as it is in this status; half is refunded in `PARTIALLY_REFUNDED`. */
const aPayment = (status: PaymentStatus, changes: Partial<Payment> = {}): Payment => {
  const held = !["PENDING", "ACTION_REQUIRED", "VOIDED", "FAILED"].includes(status);
  const taken = ["CAPTURED", "PARTIALLY_REFUNDED", "REFUNDED"].includes(status);
  const refundedMinor = status === "REFUNDED" ? 100n : status === "PARTIALLY_REFUNDED" ? 50n : 0n;
  return {
    status,
    amountMinor: 100n,
    authorizedMinor: held ? 100n : 0n,
    capturedMinor: taken ? 100n : 0n,
    refundedMinor,
    declineCode: status === "FAILED" ? "card_expired" : null,
    nextActionUrl: status === "ACTION_REQUIRED" ? "http://psp/act" : null,
    providerPaymentId: status === "PENDING" ? null : "pmt_1",
    voidRequested: false,
    refunds: refundedMinor > 0n ? [{ id: "ref_old", amountMinor: refundedMinor, status: "SUCCEEDED" }] : [],
    ...changes,
  };
};

const aSight = (status: ProviderPayment["status"], changes: Partial<ProviderPayment> = {}): ProviderPayment => ({
  id: "pmt_1",
  reference: "ord_1",
  status,
  declineCode: status === "declined" ? "insufficient_funds" : null,
  nextActionUrl: status === "requiresAction" ? "http://psp/act" : null,
  authorizedMinor: status === "authorized" || status === "captured" ? 100n : 0n,
  capturedMinor: status === "captured" ? 100n : 0n,
  refundReferences: [],
  ...changes,
});

const told = ({ announcements }: Decision): string[] => announcements.map(({ kind }) => kind);
const asked = ({ requests }: Decision): string[] => requests.map(({ kind }) => kind);
const summary = (decision: Decision) => [decision.payment.status, ...told(decision), ...asked(decision)].join(" ");

/** What the database's constraints demand of every payment. */
const expectSound = ({ payment }: Decision): void => {
  const pending = payment.refunds.filter(({ status }) => status === "PENDING");
  const pendingMinor = pending.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  expect(payment.refundedMinor).toBeGreaterThanOrEqual(0n);
  expect(payment.refundedMinor + pendingMinor).toBeLessThanOrEqual(payment.capturedMinor);
  expect(payment.capturedMinor).toBeLessThanOrEqual(payment.authorizedMinor);
  if (payment.status !== "ACTION_REQUIRED") expect(payment.nextActionUrl).toBeNull();
};

describe("what the provider shows, in every state", () => {
  const ignored = (status: PaymentStatus) => Object.fromEntries(SEEN.map((seen) => [seen, status]));
  /** Status, announcements and requests after each sight. */
  const table: Record<PaymentStatus, Record<string, string>> = {
    PENDING: {
      processing: "PENDING",
      requiresAction: "ACTION_REQUIRED actionRequired",
      authorized: "AUTHORIZED authorized",
      declined: "FAILED declined",
      captured: "CAPTURED authorized captured",
      voided: "VOIDED voided",
    },
    ACTION_REQUIRED: {
      processing: "ACTION_REQUIRED",
      requiresAction: "ACTION_REQUIRED",
      authorized: "AUTHORIZED authorized",
      declined: "FAILED declined",
      captured: "CAPTURED authorized captured",
      voided: "VOIDED voided",
    },
    AUTHORIZED: {
      ...ignored("AUTHORIZED"),
      captured: "CAPTURED captured",
      voided: "VOIDED voided",
    },
    CAPTURED: ignored("CAPTURED"),
    PARTIALLY_REFUNDED: ignored("PARTIALLY_REFUNDED"),
    REFUNDED: ignored("REFUNDED"),
    VOIDED: {
      ...ignored("VOIDED"),
      requiresAction: "VOIDED VOID",
      authorized: "VOIDED VOID",
      captured: "CAPTURED REFUND",
    },
    FAILED: { ...ignored("FAILED"), authorized: "FAILED VOID", captured: "CAPTURED REFUND" },
  };
  for (const status of STATUSES)
    for (const seen of SEEN)
      it(`${status} and ${seen}: ${table[status][seen]}`, () => {
        const decision = observe(aPayment(status), aSight(seen), "ref_new");
        expect(summary(decision)).toBe(table[status][seen]);
        expectSound(decision);
      });

  it.each(STATUSES)("changes and tells nothing when the same is seen again: %s", (status) => {
    for (const seen of SEEN) {
      const first = observe(aPayment(status), aSight(seen), "ref_new");
      const again = observe(first.payment, aSight(seen), "ref_newer");
      expect(again.payment).toEqual(first.payment);
      expect(told(again)).toEqual([]);
    }
  });

  it.each(STATUSES)("ends in the same state whatever late news follows the last: %s", (status) => {
    const last = observe(aPayment(status), aSight("captured"), "ref_new").payment;
    for (const late of ["processing", "requiresAction", "authorized"] as const)
      expect(observe(last, aSight(late), "ref_late").payment).toEqual(last);
  });

  it("learns the provider's id from the first sight, and keeps it", () => {
    expect(observe(aPayment("PENDING"), aSight("processing"), "ref_new").payment.providerPaymentId).toBe("pmt_1");
  });

  it("shows where to confirm only while the customer has to", () => {
    const waiting = observe(aPayment("PENDING"), aSight("requiresAction"), "ref_new").payment;
    expect(waiting.nextActionUrl).toBe("http://psp/act");
    for (const seen of ["authorized", "declined", "captured", "voided"] as const)
      expect(observe(waiting, aSight(seen), "ref_new").payment.nextActionUrl).toBeNull();
  });
});

describe("what the provider shows once the order gave the payment up", () => {
  it.each<[PaymentStatus, ProviderPayment["status"], string]>([
    ["PENDING", "processing", "PENDING"],
    ["PENDING", "requiresAction", "ACTION_REQUIRED"],
    ["PENDING", "authorized", "AUTHORIZED"],
    ["PENDING", "declined", "VOIDED voided"],
    ["PENDING", "voided", "VOIDED voided"],
    ["ACTION_REQUIRED", "authorized", "AUTHORIZED"],
    ["ACTION_REQUIRED", "declined", "VOIDED voided"],
    ["ACTION_REQUIRED", "voided", "VOIDED voided"],
    ["AUTHORIZED", "authorized", "AUTHORIZED"],
    ["AUTHORIZED", "voided", "VOIDED voided"],
    ["AUTHORIZED", "captured", "CAPTURED captured REFUND"],
  ])("%s and %s: %s", (status, seen, expected) => {
    const decision = observe(aPayment(status, { voidRequested: true }), aSight(seen), "ref_new");
    expect(summary(decision)).toBe(expected);
    expectSound(decision);
  });

  it("answers voided once all that was taken is given back", () => {
    const taken = observe(aPayment("AUTHORIZED", { voidRequested: true }), aSight("captured"), "ref_new").payment;
    const given = observe(taken, aSight("captured", { refundReferences: ["ref_new"] }), "ref_other");
    expect(summary(given)).toBe("REFUNDED refunded voided");
    expect(given.payment.voidRequested).toBe(false);
  });

  it("answers voided when the provider never heard of the payment", () => {
    expect(summary(observeAbsence(aPayment("PENDING", { voidRequested: true })))).toBe("VOIDED voided");
    expect(summary(observeAbsence(aPayment("PENDING")))).toBe("PENDING");
    expect(summary(observeAbsence(aPayment("AUTHORIZED", { voidRequested: true })))).toBe("AUTHORIZED");
  });
});

describe("commands, in every state", () => {
  it.each<[PaymentStatus, string]>([
    ["PENDING", "PENDING"],
    ["ACTION_REQUIRED", "ACTION_REQUIRED actionRequired"],
    ["AUTHORIZED", "AUTHORIZED authorized"],
    ["CAPTURED", "CAPTURED authorized"],
    ["PARTIALLY_REFUNDED", "PARTIALLY_REFUNDED authorized"],
    ["REFUNDED", "REFUNDED authorized"],
    ["VOIDED", "VOIDED failed"],
    ["FAILED", "FAILED declined"],
  ])("answers a repeated authorise from %s", (status, expected) => {
    expect(summary(repeatAuthorize(aPayment(status)))).toBe(expected);
    expect(told(repeatAuthorize(aPayment(status, { voidRequested: true })))).toEqual([]);
  });

  it.each<[PaymentStatus, string]>([
    ["PENDING", "PENDING failed"],
    ["ACTION_REQUIRED", "ACTION_REQUIRED failed"],
    ["AUTHORIZED", "AUTHORIZED CAPTURE"],
    ["CAPTURED", "CAPTURED captured"],
    ["PARTIALLY_REFUNDED", "PARTIALLY_REFUNDED captured"],
    ["REFUNDED", "REFUNDED captured"],
    ["VOIDED", "VOIDED failed"],
    ["FAILED", "FAILED failed"],
  ])("captures from %s", (status, expected) => {
    expect(summary(requestCapture(aPayment(status)))).toBe(expected);
  });

  it("does not capture what is being voided", () => {
    expect(summary(requestCapture(aPayment("AUTHORIZED", { voidRequested: true })))).toBe("AUTHORIZED failed");
  });

  it.each<[PaymentStatus, string]>([
    ["PENDING", "PENDING VOID"],
    ["ACTION_REQUIRED", "ACTION_REQUIRED VOID"],
    ["AUTHORIZED", "AUTHORIZED VOID"],
    ["CAPTURED", "CAPTURED REFUND"],
    ["PARTIALLY_REFUNDED", "PARTIALLY_REFUNDED REFUND"],
    ["REFUNDED", "REFUNDED voided"],
    ["VOIDED", "VOIDED voided"],
    ["FAILED", "FAILED voided"],
  ])("voids from %s", (status, expected) => {
    const decision = requestVoid(aPayment(status), "sent", "ref_new");
    expect(summary(decision)).toBe(expected);
    expectSound(decision);
  });

  it("voids at once what nobody was asked for", () => {
    expect(summary(requestVoid(aPayment("PENDING"), "not sent", "ref_new"))).toBe("VOIDED voided");
  });

  it.each<[PaymentStatus, string]>([
    ["PENDING", "PENDING failed"],
    ["ACTION_REQUIRED", "ACTION_REQUIRED failed"],
    ["AUTHORIZED", "AUTHORIZED failed"],
    ["CAPTURED", "CAPTURED REFUND"],
    ["PARTIALLY_REFUNDED", "PARTIALLY_REFUNDED REFUND"],
    ["REFUNDED", "REFUNDED refunded"],
    ["VOIDED", "VOIDED failed"],
    ["FAILED", "FAILED failed"],
  ])("refunds all that is left from %s", (status, expected) => {
    const decision = requestFullRefund(aPayment(status), "ref_new");
    expect(summary(decision)).toBe(expected);
    expectSound(decision);
  });

  it("sets nothing aside twice: a repeated refund waits for the one that is under way", () => {
    const first = requestFullRefund(aPayment("PARTIALLY_REFUNDED"), "ref_new");
    expect(first.payment.refunds.at(-1)).toEqual({ id: "ref_new", amountMinor: 50n, status: "PENDING" });
    expect(refundableMinor(first.payment)).toBe(0n);
    expect(summary(requestFullRefund(first.payment, "ref_newer"))).toBe("PARTIALLY_REFUNDED");
  });
});

describe("refunds", () => {
  const withRefunds = startRefund(
    startRefund(aPayment("CAPTURED"), { id: "ref_a", amountMinor: 30n, status: "PENDING" }).payment,
    { id: "ref_b", amountMinor: 70n, status: "PENDING" },
  ).payment;

  it("succeed one by one, and the last makes it refunded", () => {
    const first = observe(withRefunds, aSight("captured", { refundReferences: ["ref_a"] }), "ref_new");
    expect(summary(first)).toBe("PARTIALLY_REFUNDED refunded");
    expect(first.payment.refundedMinor).toBe(30n);
    const second = observe(first.payment, aSight("captured", { refundReferences: ["ref_a", "ref_b"] }), "ref_new");
    expect(summary(second)).toBe("REFUNDED refunded");
  });

  it("of others are not ours to count", () => {
    const decision = observe(withRefunds, aSight("captured", { refundReferences: ["somebody's"] }), "ref_new");
    expect(summary(decision)).toBe("CAPTURED");
  });

  it("that the provider refuses free what they had set aside", () => {
    const decision = refuse(withRefunds, "REFUND", "refused", "ref_a");
    expect(summary(decision)).toBe("CAPTURED failed");
    expect(refundableMinor(decision.payment)).toBe(30n);
    expect(told(refuse(decision.payment, "REFUND", "refused", "ref_a"))).toEqual([]);
  });
});

describe("refusals of the provider", () => {
  const kinds = ({ announcements }: Decision): Announcement[] => [...announcements];

  it("decline an authorisation", () => {
    const decision = refuse(aPayment("PENDING"), "AUTHORIZE", "invalid_request", null);
    expect(decision.payment).toMatchObject({ status: "FAILED", declineCode: "invalid_request" });
    expect(kinds(decision)).toEqual([{ kind: "declined", declineCode: "invalid_request" }]);
  });

  it("void an authorisation that was given up", () => {
    const decision = refuse(aPayment("PENDING", { voidRequested: true }), "AUTHORIZE", "x", null);
    expect(summary(decision)).toBe("VOIDED voided");
  });

  it.each<[PaymentStatus, "AUTHORIZE" | "CAPTURE" | "VOID", string]>([
    ["AUTHORIZED", "AUTHORIZE", "AUTHORIZED"],
    ["AUTHORIZED", "CAPTURE", "AUTHORIZED failed"],
    ["CAPTURED", "CAPTURE", "CAPTURED"],
    ["VOIDED", "VOID", "VOIDED"],
  ])("in %s of %s: %s", (status, operation, expected) => {
    expect(summary(refuse(aPayment(status), operation, "x", null))).toBe(expected);
  });

  it("fail a void that is still wanted", () => {
    expect(summary(refuse(aPayment("AUTHORIZED", { voidRequested: true }), "VOID", "x", null))).toBe(
      "AUTHORIZED failed",
    );
  });
});
