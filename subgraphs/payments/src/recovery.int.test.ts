import { userEvents } from "@supergraph/contracts";
import { newMessage } from "@supergraph/messaging";
import { newId } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { afterEach, describe, expect, it } from "vitest";
import type { FindResult, PaymentProvider } from "./provider/payment-provider.ts";
import { type HarnessOptions, type PaymentsHarness, startPayments } from "./testing/payments-harness.ts";

describe("when things break", () => {
  let payments: PaymentsHarness | undefined;
  afterEach(() => payments?.stop());

  const start = async (options?: HarnessOptions): Promise<PaymentsHarness> => {
    payments = await startPayments(options);
    return payments;
  };

  it("accepts an order while the provider is down, and charges it once when it is back", async () => {
    const { authorize, stopProvider, startProvider, told, atProvider, sql } = await start();
    const orderId = newId("ord");
    await stopProvider();
    await authorize(orderId, "tok_approve");
    await eventually(async () => {
      const [operation] = await sql`select attempts, last_error from operations`;
      expect(operation?.attempts).toBeGreaterThan(1);
      expect(operation?.last_error).toMatch(/ECONNREFUSED|closed/);
    });
    await startProvider();
    await eventually(() => expect(told(orderId)).toEqual(["authorized"]));
    expect(await atProvider(orderId)).toHaveLength(1);
  });

  it("voids an order whose authorisation never reached the provider", async () => {
    const { authorize, void: voidPayment, stopProvider, startProvider, told, atProvider, sql } = await start();
    const orderId = newId("ord");
    await stopProvider();
    await authorize(orderId, "tok_approve");
    await eventually(async () => expect((await sql`select from operations where attempts > 0`).length).toBe(1));
    await voidPayment(orderId);
    await eventually(async () =>
      expect(await sql`select payment_method_token from payments where void_requested`).toEqual([
        { payment_method_token: null },
      ]),
    );
    await startProvider();
    await eventually(() => expect(told(orderId)).toEqual(["voided"]));
    expect(await atProvider(orderId)).toEqual([]);
  });

  it("repeats with the same key what crashed between the provider's answer and its record", async () => {
    const crashed = new Set<string>();
    const keys: string[] = [];
    const crashAfter = async <T>(request: { idempotencyKey: string }, answer: Promise<T>): Promise<T> => {
      const result = await answer;
      keys.push(request.idempotencyKey);
      if (crashed.has(request.idempotencyKey)) return result;
      crashed.add(request.idempotencyKey);
      throw new Error("the process ends here");
    };
    const intercept = (provider: PaymentProvider): PaymentProvider => ({
      ...provider,
      capture: (request) => crashAfter(request, provider.capture(request)),
    });
    const { authorize, capture, told, atProvider, sql } = await start({ intercept });
    const orderId = newId("ord");
    await authorize(orderId, "tok_approve");
    await eventually(() => expect(told(orderId)).toEqual(["authorized"]));
    await capture(orderId);
    await eventually(() => expect(keys).toHaveLength(1));
    // The lease of the dead process runs out.
    await sql`update operations set next_attempt_at = now() where done_at is null`;
    await eventually(() => expect(told(orderId)).toEqual(["authorized", "captured"]));
    expect(await atProvider(orderId)).toMatchObject([{ status: "captured", capturedMinor: 1999 }]);
    expect(new Set(keys).size).toBe(1);
  });

  it("finds the charge when neither an answer nor a webhook comes", async () => {
    const { authorize, told, atProvider } = await start({ webhooks: false });
    const orderId = newId("ord");
    await authorize(orderId, "tok_timeout_after_charge");
    await eventually(() => expect(told(orderId)).toEqual(["authorized"]));
    expect(await atProvider(orderId)).toHaveLength(1);
  });

  it("waits out a provider that is slower than its timeout, without a webhook", async () => {
    const { authorize, told, atProvider } = await start({ webhooks: false, pspTimeoutMs: 200, slowAnswerMs: 500 });
    const orderId = newId("ord");
    await authorize(orderId, "tok_slow");
    await eventually(() => expect(told(orderId)).toEqual(["authorized"]));
    expect(await atProvider(orderId)).toHaveLength(1);
  });

  it("takes the answer of a provider that is slow but within its timeout", async () => {
    const { authorize, told, atProvider } = await start({ webhooks: false, pspTimeoutMs: 2_000, slowAnswerMs: 300 });
    const orderId = newId("ord");
    await authorize(orderId, "tok_slow");
    await eventually(() => expect(told(orderId)).toEqual(["authorized"]));
    expect(await atProvider(orderId)).toHaveLength(1);
  });

  it("gives back money that turns out to be held after the void was answered", async () => {
    // The provider's find lags behind: it does not show yet what it has charged.
    let isBlind = true;
    const intercept = (provider: PaymentProvider): PaymentProvider => ({
      ...provider,
      find: async (reference) => (isBlind ? { kind: "absent" } : provider.find(reference)),
    });
    const {
      authorize,
      void: voidPayment,
      told,
      atProvider,
    } = await start({
      intercept,
      pspTimeoutMs: 400,
      lateWebhookMs: 3_000,
    });
    const orderId = newId("ord");
    await authorize(orderId, "tok_timeout_after_charge");
    await eventually(async () => expect(await atProvider(orderId)).toHaveLength(1));
    await voidPayment(orderId);
    await eventually(() => expect(told(orderId)).toEqual(["voided"]));
    isBlind = false;
    await eventually(async () => expect(await atProvider(orderId)).toMatchObject([{ status: "voided" }]));
    expect(told(orderId)).toEqual(["voided"]);
  });

  it("gives a new payment its place while others hang, however often they were tried", async () => {
    const hanging = new Set<string>();
    let letGo: (result: FindResult) => void = () => undefined;
    const hung = new Promise<FindResult>((resolve) => {
      letGo = resolve;
    });
    const intercept = (provider: PaymentProvider): PaymentProvider => ({
      ...provider,
      authorize: async (request) =>
        hanging.has(request.reference) ? { kind: "unknown", reason: "no answer" } : provider.authorize(request),
      find: async (reference) => {
        if (!hanging.has(reference)) return provider.find(reference);
        const [operation] = await sql`
          select attempts from operations join payments on payments.id = payment_id where order_id = ${reference}`;
        return operation?.attempts === 1 ? { kind: "unknown", reason: "no answer" } : hung;
      },
    });
    const { authorize, told, sql } = await start({ intercept, pspConcurrency: 4, pspTimeoutMs: 5_000 });
    // Fewer than what would look like a provider that is down.
    for (let n = 0; n < 4; n += 1) hanging.add(newId("ord"));
    for (const orderId of hanging) await authorize(orderId, "tok_approve");
    const triedTwice = () => sql`select from operations where attempts > 1`;
    await eventually(async () => expect(await triedTwice()).toHaveLength(2));
    for (let n = 0; n < 5; n += 1) {
      const orderId = newId("ord");
      await authorize(orderId, "tok_approve");
      await eventually(() => expect(told(orderId)).toEqual(["authorized"]));
    }
    expect(await triedTwice()).toHaveLength(2);
    hanging.clear();
    letGo({ kind: "unknown", reason: "no answer" });
    await eventually(async () => expect(await sql`select from operations where done_at is null`).toHaveLength(0));
  });

  it("lets operations wait as they are while the provider answers nobody", async () => {
    // A provider that is away refuses at once; a busy machine must not look like one.
    const { authorize, stopProvider, startProvider, told, atProvider, sql } = await start({ pspTimeoutMs: 5_000 });
    await stopProvider();
    const early = Array.from({ length: 12 }, () => newId("ord"));
    await Promise.all(early.map((orderId) => authorize(orderId, "tok_approve")));
    const attempts = async () => Number((await sql`select sum(attempts) as attempts from operations`)[0]?.attempts);
    await eventually(async () => expect(await attempts()).toBeGreaterThanOrEqual(early.length));
    const late = Array.from({ length: 20 }, () => newId("ord"));
    await Promise.all(late.map((orderId) => authorize(orderId, "tok_approve")));
    const before = await attempts();
    // Two more ask whether it is back.
    await eventually(async () => expect(await attempts()).toBeGreaterThanOrEqual(before + 2));
    const untried = await sql`select from operations where attempts = 0`;
    expect(untried.length).toBeGreaterThanOrEqual(late.length - 4);
    await startProvider();
    await eventually(() => {
      for (const orderId of [...early, ...late]) expect(told(orderId)).toEqual(["authorized"]);
    });
    for (const orderId of late) expect(await atProvider(orderId)).toHaveLength(1);
  });

  it("erases the token of a deleted user, and declines what was not sent yet", async () => {
    const { bus, sql, told, atProvider } = await start();
    const [paymentId, orderId, customerId] = [newId("pay"), newId("ord"), newId("usr")];
    // A payment that no worker has come to yet.
    await sql`
      insert into payments (id, order_id, customer_id, status, currency, amount_minor, authorized_minor, captured_minor,
        refunded_minor, refund_pending_minor, payment_method_token, void_requested, created_at, updated_at)
      values (${paymentId}, ${orderId}, ${customerId}, 'PENDING', 'EUR', 1999, 0, 0, 0, 0, 'tok_approve', false, now(), now())`;
    await sql`
      insert into operations (id, payment_id, kind, attempts, next_attempt_at, correlation_id, created_at)
      values (${`authorize:${paymentId}`}, ${paymentId}, 'AUTHORIZE', 0, now() + interval '1 hour', 'cor_test', now())`;
    await bus.publish(
      newMessage(userEvents.userDeleted, {
        id: newId("evt"),
        key: customerId,
        time: new Date(),
        correlationId: "cor_test",
        causationId: null,
        data: { userId: customerId, deletedAt: new Date().toISOString() },
      }),
    );
    const [row] = await sql`select payment_method_token, amount_minor::text from payments`;
    expect(row).toEqual({ payment_method_token: null, amount_minor: "1999" });
    await sql`update operations set next_attempt_at = now()`;
    await eventually(() => expect(told(orderId)).toEqual(["declined"]));
    expect(await atProvider(orderId)).toEqual([]);
  });
});
