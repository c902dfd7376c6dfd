import { createHmac } from "node:crypto";
import { newId } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PaymentsHarness, startPayments, WEBHOOK_SECRET } from "./testing/payments-harness.ts";

describe("POST /webhooks/psp", () => {
  let payments: PaymentsHarness;
  beforeAll(async () => {
    // Webhooks are made by hand here; the provider's own would interfere.
    payments = await startPayments({ webhooks: false });
  });
  afterAll(() => payments?.stop());

  const now = () => Math.floor(Date.now() / 1_000);

  const post = async (
    body: string,
    {
      at = now(),
      secret = WEBHOOK_SECRET,
      signature,
    }: { at?: number; secret?: string; signature?: string | null } = {},
  ) => {
    const made = `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`;
    const response = await fetch(payments.webhookUrl, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(signature === null ? {} : { "webhook-signature": signature ?? made }),
      },
      body,
    });
    return { status: response.status, body: (await response.json()) as { error?: { code: string } } };
  };

  const anActionPayment = async (): Promise<{ orderId: string; providerPaymentId: string }> => {
    const orderId = newId("ord");
    await payments.authorize(orderId, "tok_action_required");
    await eventually(() => expect(payments.told(orderId)).toEqual(["action_required"]));
    const [payment] = await payments.atProvider(orderId);
    return { orderId, providerPaymentId: payment?.id ?? "" };
  };

  const webhook = (
    { orderId, providerPaymentId }: { orderId: string; providerPaymentId: string },
    changes: Record<string, unknown> = {},
    id = newId("evt"),
  ): string =>
    JSON.stringify({
      id,
      type: "payment.authorized",
      payment: {
        id: providerPaymentId,
        reference: orderId,
        status: "authorized",
        declineCode: null,
        nextActionUrl: null,
        authorizedMinor: 1999,
        capturedMinor: 0,
        ...changes,
      },
    });

  const statusOf = async (orderId: string) =>
    (await payments.sql`select status from payments where order_id = ${orderId}`)[0]?.status;

  it("takes an event once, however often it comes and however many at once", async () => {
    const payment = await anActionPayment();
    const body = webhook(payment);
    const answers = await Promise.all([post(body), post(body), post(body)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await post(webhook(payment));
    await eventually(() => expect(payments.told(payment.orderId)).toEqual(["action_required", "authorized"]));
    expect(await statusOf(payment.orderId)).toBe("AUTHORIZED");
  });

  it("does not go back for a late event", async () => {
    const payment = await anActionPayment();
    await post(webhook(payment));
    await post(webhook(payment, { status: "requires_action", nextActionUrl: "http://localhost/late" }));
    await post(webhook(payment, { status: "declined", declineCode: "late" }));
    expect(await statusOf(payment.orderId)).toBe("AUTHORIZED");
  });

  it.each([
    ["no signature", { signature: null }, 401, "signature_missing"],
    ["a signature of another shape", { signature: "v1=abc" }, 401, "signature_forged"],
    ["another secret", { secret: "whsec_of_somebody_else" }, 401, "signature_forged"],
    ["a signature of an hour ago", { at: now() - 3_600 }, 401, "signature_stale"],
    ["a signature of the future", { at: now() + 3_600 }, 401, "signature_stale"],
  ])("refuses %s and writes nothing", async (_, options, status, code) => {
    const payment = await anActionPayment();
    const body = webhook(payment);
    expect(await post(body, options)).toEqual({ status, body: { error: { code, message: expect.any(String) } } });
    expect(await statusOf(payment.orderId)).toBe("ACTION_REQUIRED");
    expect((await post(body)).status).toBe(200);
  });

  it("refuses a body that was changed after signing", async () => {
    const payment = await anActionPayment();
    const at = now();
    const signature = `t=${at},v1=${createHmac("sha256", WEBHOOK_SECRET)
      .update(`${at}.${webhook(payment)}`)
      .digest("hex")}`;
    const tampered = webhook(payment, { status: "declined" });
    expect((await post(tampered, { signature })).body.error?.code).toBe("signature_forged");
    expect(await statusOf(payment.orderId)).toBe("ACTION_REQUIRED");
  });

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["another shape", '{"id":1}'],
    ["an id with NUL", JSON.stringify({ id: "\u0000", type: "payment.authorized", payment: {} })],
  ])("refuses %s, signed though it is", async (_, body) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { error: { code: "invalid_webhook" } } });
  });

  it("asks for another try while it does not know the payment, and remembers nothing of it", async () => {
    const unknown = webhook({ orderId: newId("ord"), providerPaymentId: "pmt_x" }, {}, "evt_unknown");
    expect(await post(unknown)).toMatchObject({ status: 404, body: { error: { code: "payment_not_found" } } });
    expect(await payments.sql`select from webhook_events where id = 'evt_unknown'`).toHaveLength(0);
  });

  it("refuses an event of another payment with our reference", async () => {
    const { orderId } = await anActionPayment();
    expect((await post(webhook({ orderId, providerPaymentId: "pmt_other" }))).status).toBe(404);
    expect(await statusOf(orderId)).toBe("ACTION_REQUIRED");
  });

  it("refuses amounts that cannot be", async () => {
    const payment = await anActionPayment();
    const impossible = webhook(payment, { status: "captured", capturedMinor: 2000 });
    expect(await post(impossible)).toMatchObject({ status: 400, body: { error: { code: "invalid_webhook" } } });
    expect(await statusOf(payment.orderId)).toBe("ACTION_REQUIRED");
  });

  it("refuses a body that is too large to be one", async () => {
    expect((await post("x".repeat(11_000_000))).status).toBe(413);
  });
});
