import { newId, type Viewer } from "@supergraph/service";
import { eventually, testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PaymentsHarness, startPayments } from "./testing/payments-harness.ts";

interface RefundAnswer {
  refundPayment: {
    payment: { id: string; status: string; refundedAmount: { amount: string } } | null;
    refund: { id: string; status: string; amount: { amount: string } } | null;
    userErrors: { code: string; path: string[] | null; message: string }[];
  };
}

const REFUND = `mutation ($input: RefundInput!) { refundPayment(input: $input) {
  payment { id status refundedAmount { amount } } refund { id status amount { amount } } userErrors { code path message } } }`;

describe("refundPayment", () => {
  const support = testViewer({ roles: ["SUPPORT"] });
  let payments: PaymentsHarness;
  beforeAll(async () => {
    // Nothing here is about slowness: a busy machine must not look like a provider that is down.
    payments = await startPayments({ pspTimeoutMs: 5_000 });
  });
  afterAll(() => payments?.stop());

  const aPayment = async (token = "tok_approve"): Promise<{ orderId: string; paymentId: string }> => {
    const orderId = newId("ord");
    await payments.authorize(orderId, token);
    await eventually(() => expect(payments.told(orderId)).not.toEqual([]));
    const [row] = await payments.sql<{ id: string }[]>`select id from payments where order_id = ${orderId}`;
    return { orderId, paymentId: row?.id ?? "" };
  };

  const aCapturedPayment = async () => {
    const payment = await aPayment();
    await payments.capture(payment.orderId);
    await eventually(() => expect(payments.told(payment.orderId)).toContain("captured"));
    return payment;
  };

  const refund = async (input: Record<string, unknown>, viewer: Viewer | null = support) => {
    const { data, errors } = await payments.client(viewer)<RefundAnswer>(REFUND, {
      input: { idempotencyKey: newId("key"), ...input },
    });
    return { answer: data?.refundPayment, codes: data?.refundPayment?.userErrors.map(({ code }) => code), errors };
  };

  it("refunds a part, then the rest", async () => {
    const { paymentId, orderId } = await aCapturedPayment();
    const part = await refund({ paymentId, amount: "5.5", reason: "Scratched 🐈" });
    expect(part.answer).toMatchObject({
      payment: { status: "PARTIALLY_REFUNDED", refundedAmount: { amount: "5.50" } },
      refund: { status: "SUCCEEDED", amount: { amount: "5.50" } },
      userErrors: [],
    });
    const rest = await refund({ paymentId });
    expect(rest.answer).toMatchObject({
      payment: { status: "REFUNDED", refundedAmount: { amount: "19.99" } },
      refund: { amount: { amount: "14.49" } },
    });
    await eventually(() =>
      expect(payments.toldData(orderId).slice(-2)).toMatchObject([
        { amount: { minorUnits: "550" }, full: false },
        { amount: { minorUnits: "1449" }, refundedTotal: { minorUnits: "1999" }, full: true },
      ]),
    );
    expect(await payments.atProvider(orderId)).toMatchObject([{ refundedMinor: 1999 }]);
    expect((await refund({ paymentId })).codes).toEqual(["EXCEEDS_CAPTURED"]);
  });

  it("refunds once under one key, also when it is sent twice at once", async () => {
    const { paymentId, orderId } = await aCapturedPayment();
    const input = { paymentId, amount: "1", idempotencyKey: "same" };
    const [first, second] = await Promise.all([refund(input), refund({ ...input, amount: "1.00" })]);
    const third = await refund(input);
    expect(first.answer?.refund?.id).toMatch(/^ref_/);
    expect([second, third].map(({ answer }) => answer?.refund?.id)).toEqual([
      first.answer?.refund?.id,
      first.answer?.refund?.id,
    ]);
    expect([first, second, third].map(({ codes }) => codes)).toEqual([[], [], []]);
    expect(await payments.atProvider(orderId)).toMatchObject([{ refundedMinor: 100 }]);
  });

  it("refuses a key that was used for another refund, of another payment too", async () => {
    const [one, other] = [await aCapturedPayment(), await aCapturedPayment()];
    await refund({ paymentId: one.paymentId, amount: "1", idempotencyKey: "taken" });
    expect((await refund({ paymentId: one.paymentId, amount: "2", idempotencyKey: "taken" })).codes).toEqual([
      "IDEMPOTENCY_MISMATCH",
    ]);
    expect((await refund({ paymentId: other.paymentId, amount: "1", idempotencyKey: "taken" })).codes).toEqual([
      "IDEMPOTENCY_MISMATCH",
    ]);
    expect(await payments.atProvider(other.orderId)).toMatchObject([{ refundedMinor: 0 }]);
  });

  it("gives one refund to two payments that race with one key", async () => {
    const [one, other] = [await aCapturedPayment(), await aCapturedPayment()];
    const codes = await Promise.all(
      [one, other].map(async ({ paymentId }) => (await refund({ paymentId, idempotencyKey: "raced" })).codes),
    );
    expect(codes.sort()).toEqual([["IDEMPOTENCY_MISMATCH"], []].sort());
  });

  it("never refunds more than was captured, however many ask at once", async () => {
    const { paymentId, orderId } = await aCapturedPayment();
    const answers = await Promise.all(Array.from({ length: 4 }, () => refund({ paymentId, amount: "10" })));
    expect(answers.map(({ codes }) => codes?.join()).sort()).toEqual([
      "",
      "EXCEEDS_CAPTURED",
      "EXCEEDS_CAPTURED",
      "EXCEEDS_CAPTURED",
    ]);
    expect(await payments.atProvider(orderId)).toMatchObject([{ refundedMinor: 1000 }]);
  });

  it.each([
    ["nothing", { amount: "0" }, "amount"],
    ["a negative amount", { amount: "-1" }, "amount"],
    ["too many decimals", { amount: "1.001" }, "amount"],
    ["an amount beyond all bounds", { amount: "9".repeat(30) }, "amount"],
    ["an empty key", { idempotencyKey: "" }, "idempotencyKey"],
    ["a key with NUL", { idempotencyKey: "a\u0000b" }, "idempotencyKey"],
    ["a long key", { idempotencyKey: "k".repeat(1_000_000) }, "idempotencyKey"],
    ["a reason with NUL", { reason: "a\u0000b" }, "reason"],
    ["a long reason", { reason: "r".repeat(1_000_000) }, "reason"],
  ])("refuses %s as INVALID and changes nothing", async (_, input, field) => {
    const { paymentId, orderId } = await aCapturedPayment();
    const { answer, codes } = await refund({ paymentId, ...input });
    expect(codes).toEqual(["INVALID"]);
    expect(answer?.userErrors[0]?.path).toEqual(["input", field]);
    expect(await payments.sql`select from refunds where payment_id = ${paymentId}`).toHaveLength(0);
    expect(await payments.atProvider(orderId)).toMatchObject([{ refundedMinor: 0 }]);
  });

  it.each([
    "",
    "pay_",
    newId("pay"),
    newId("ord"),
    "pay_\u0000",
    "p".repeat(1_000_000),
    "' or 1=1 --",
  ])("finds no payment %#", async (paymentId) => {
    expect((await refund({ paymentId })).codes).toEqual(["NOT_FOUND"]);
  });

  it("refuses what was not captured", async () => {
    const { paymentId } = await aPayment();
    expect((await refund({ paymentId })).codes).toEqual(["NOT_CAPTURED"]);
    const declined = await aPayment("tok_decline_card_expired");
    expect((await refund({ paymentId: declined.paymentId })).codes).toEqual(["NOT_CAPTURED"]);
  });

  it.each([
    ["a guest", null, "UNAUTHENTICATED"],
    ["a customer", testViewer(), "FORBIDDEN"],
  ])("is not for %s", async (_, viewer, code) => {
    const { paymentId, orderId } = await aCapturedPayment();
    const { errors } = await refund({ paymentId }, viewer);
    expect(errors?.[0]?.extensions?.code).toBe(code);
    expect(await payments.atProvider(orderId)).toMatchObject([{ refundedMinor: 0 }]);
  });

  it("keeps a refund pending while the provider is down, and completes it when it is back", async () => {
    const { paymentId, orderId } = await aCapturedPayment();
    await payments.stopProvider();
    const input = { paymentId, amount: "3", idempotencyKey: "while down" };
    const { answer, codes } = await refund(input);
    expect(codes).toEqual(["PROVIDER_UNAVAILABLE"]);
    expect(answer?.refund).toMatchObject({ status: "PENDING" });
    expect((await refund({ paymentId, amount: "17" })).codes).toEqual(["EXCEEDS_CAPTURED"]);

    await payments.startProvider();
    await eventually(() => expect(payments.told(orderId)).toContain("refunded"));
    expect((await refund(input)).answer).toMatchObject({
      refund: { id: answer?.refund?.id, status: "SUCCEEDED" },
      userErrors: [],
    });
    expect(await payments.atProvider(orderId)).toMatchObject([{ refundedMinor: 300 }]);
  });

  it("answers the order's refund once the refunds that support asked for have taken all", async () => {
    const { paymentId, orderId } = await aCapturedPayment();
    await refund({ paymentId, amount: "19" });
    await payments.refund(orderId);
    await eventually(() => expect(payments.toldData(orderId).at(-1)).toMatchObject({ full: true }));
    expect(await payments.atProvider(orderId)).toMatchObject([{ refundedMinor: 1999 }]);
  });
});
