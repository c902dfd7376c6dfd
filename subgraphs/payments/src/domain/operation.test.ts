import { describe, expect, it } from "vitest";
import { conclude, type Operation, retryDelayMs } from "./operation.ts";
import type { Payment } from "./payment.ts";
import type { ProviderPayment } from "./provider-payment.ts";

const aPayment = (changes: Partial<Payment> = {}): Payment => ({
  status: "PENDING",
  amountMinor: 100n,
  authorizedMinor: 0n,
  capturedMinor: 0n,
  refundedMinor: 0n,
  declineCode: null,
  nextActionUrl: null,
  providerPaymentId: null,
  voidRequested: false,
  refunds: [],
  ...changes,
});

const authorized = (changes: Partial<Payment> = {}): Payment =>
  aPayment({ status: "AUTHORIZED", authorizedMinor: 100n, providerPaymentId: "pmt_1", ...changes });

const captured = (changes: Partial<Payment> = {}): Payment =>
  authorized({ status: "CAPTURED", capturedMinor: 100n, ...changes });

const seen = (status: ProviderPayment["status"], refusal: string | null = null) =>
  ({
    kind: "seen",
    refusal,
    payment: {
      id: "pmt_1",
      reference: "ord_1",
      status,
      declineCode: null,
      nextActionUrl: null,
      authorizedMinor: status === "authorized" || status === "captured" ? 100n : 0n,
      capturedMinor: status === "captured" ? 100n : 0n,
      refundReferences: [],
    },
  }) as const;

const op = (kind: Operation["kind"], refundId: string | null = null): Operation => ({ kind, refundId });

const outcome = (...args: Parameters<typeof conclude>) => {
  const { done, decision } = conclude(...args);
  const told = decision.announcements.map((announcement) =>
    announcement.kind === "failed" ? `failed ${announcement.operation}` : announcement.kind,
  );
  return [done ? "done" : "again", decision.payment.status, ...told, ...decision.requests.map(({ kind }) => kind)].join(
    " ",
  );
};

describe("what an attempt at an operation means", () => {
  it("tries again while the outcome is unknown, and changes nothing", () => {
    const payment = aPayment();
    expect(conclude(op("AUTHORIZE"), { kind: "unknown", reason: "timeout" }, payment, "ref_new")).toEqual({
      decision: { payment, announcements: [], requests: [] },
      done: false,
    });
  });

  it("tries again while the provider is processing, also when it would not void for that reason", () => {
    expect(outcome(op("AUTHORIZE"), seen("processing"), aPayment(), "ref_new")).toBe("again PENDING");
    const givenUp = aPayment({ voidRequested: true });
    expect(outcome(op("VOID"), seen("processing", "not_voidable"), givenUp, "ref_new")).toBe("again PENDING");
  });

  it("voids again what came to be held after it was asked", () => {
    const givenUp = aPayment({ voidRequested: true });
    expect(outcome(op("VOID"), seen("authorized"), givenUp, "ref_new")).toBe("again AUTHORIZED");
    expect(outcome(op("VOID"), { kind: "absent" }, givenUp, "ref_new")).toBe("done VOIDED voided");
  });

  it("refunds what a void finds captured, by the provider's refusal or by our own state", () => {
    const givenUp = { voidRequested: true };
    expect(outcome(op("VOID"), seen("captured", "not_voidable"), authorized(givenUp), "ref_new")).toBe(
      "done CAPTURED captured REFUND",
    );
    expect(outcome(op("VOID"), { kind: "needless" }, captured(givenUp), "ref_new")).toBe("done CAPTURED REFUND");
  });

  it("fails a capture that the provider refuses, and takes in why", () => {
    expect(outcome(op("CAPTURE"), seen("voided", "not_capturable"), authorized(), "ref_new")).toBe(
      "done VOIDED voided failed CAPTURE",
    );
    expect(outcome(op("CAPTURE"), { kind: "refused", reason: "x" }, authorized(), "ref_new")).toBe(
      "done AUTHORIZED failed CAPTURE",
    );
  });

  it("fails a refund that the provider refuses", () => {
    const payment = captured({ refunds: [{ id: "ref_1", amountMinor: 100n, status: "PENDING" }] });
    expect(outcome(op("REFUND", "ref_1"), seen("captured", "refund_exceeds_captured"), payment, "ref_new")).toBe(
      "done CAPTURED failed REFUND",
    );
  });

  it("is done with an authorisation once the order gave it up: the void resolves it", () => {
    const givenUp = aPayment({ voidRequested: true });
    expect(outcome(op("AUTHORIZE"), { kind: "needless" }, givenUp, "ref_new")).toBe("done PENDING");
    expect(outcome(op("AUTHORIZE"), seen("processing"), givenUp, "ref_new")).toBe("done PENDING");
  });
});

describe("the pause before the next attempt", () => {
  it("doubles up to half a minute, less up to a quarter by chance", () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, 1))).toEqual([200, 400, 800, 1_600]);
    expect(retryDelayMs(1, 0)).toBe(150);
    expect(retryDelayMs(1_000_000, 1)).toBe(30_000);
  });
});
