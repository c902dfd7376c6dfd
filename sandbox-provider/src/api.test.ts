import { eventually } from "@supergraph/testing/eventually";
import { describe, expect, it } from "vitest";
import { API_KEY, aRequest, useSandbox } from "./testing/sandbox-harness.ts";

const { state, restart, post, get, authorize, types } = useSandbox();

describe("tokens", () => {
  it.each([
    ["tok_approve", "authorized", null],
    ["tok_webhook_twice", "authorized", null],
    ["tok_webhook_early", "authorized", null],
    ["tok_slow", "authorized", null],
    ["tok_action_required", "requires_action", null],
    ["tok_decline_insufficient_funds", "declined", "insufficient_funds"],
    ["tok_decline_card_expired", "declined", "card_expired"],
    ["tok_decline_suspected_fraud", "declined", "suspected_fraud"],
    ["tok_unheard_of", "declined", "unknown_payment_method"],
  ])("%s answers %s", async (token, status, declineCode) => {
    const answer = await post("/v1/payments", aRequest(token));
    expect(answer).toMatchObject({
      status: 201,
      body: { status, declineCode, authorizedMinor: status === "authorized" ? 1999 : 0 },
    });
  });

  it("tok_slow is processing until it answers", async () => {
    const request = aRequest("tok_slow");
    const late = post("/v1/payments", request);
    await eventually(async () => {
      const { body } = await get(`/v1/payments?reference=${request.reference}`);
      expect(body.data).toMatchObject([{ status: "processing" }]);
    });
    expect((await late).body.status).toBe("authorized");
  });

  it("tok_slow settles what a stop interrupted", async () => {
    await restart({ slowAnswerMs: 60_000 });
    const request = aRequest("tok_slow");
    const late = post("/v1/payments", request);
    await eventually(async () =>
      expect((await get(`/v1/payments?reference=${request.reference}`)).body.data).toHaveLength(1),
    );
    await restart();
    expect((await late).body.status).toBe("authorized");
    expect((await get(`/v1/payments?reference=${request.reference}`)).body.data).toMatchObject([
      { status: "authorized" },
    ]);
  });

  it("tok_timeout_after_charge never answers, has charged, and tells later", async () => {
    const request = aRequest("tok_timeout_after_charge");
    await expect(post("/v1/payments", request, { key: "hangs", signal: AbortSignal.timeout(100) })).rejects.toThrow(
      /timeout/,
    );
    expect((await get(`/v1/payments?reference=${request.reference}`)).body.data).toMatchObject([
      { status: "authorized" },
    ]);
    await eventually(() => expect(types()).toEqual(["payment.authorized"]));
    expect((await post("/v1/payments", request, { key: "hangs" })).body.status).toBe("authorized");
  });

  it("tok_error_once fails without effect, then works under the same key", async () => {
    const request = aRequest("tok_error_once");
    expect(await post("/v1/payments", request, { key: "again" })).toMatchObject({
      status: 500,
      body: { error: { code: "internal_error" } },
    });
    expect((await get(`/v1/payments?reference=${request.reference}`)).body.data).toEqual([]);
    expect((await post("/v1/payments", request, { key: "again" })).body.status).toBe("authorized");
  });

  it("tok_webhook_twice delivers the same event twice", async () => {
    await authorize("tok_webhook_twice");
    await eventually(() => expect(state.received).toHaveLength(2));
    expect(state.received[0]?.raw).toBe(state.received[1]?.raw);
  });

  it("tok_webhook_early delivers before it answers", async () => {
    await authorize("tok_webhook_early");
    expect(types()).toEqual(["payment.authorized"]);
  });
});

describe("a payment's way", () => {
  it("goes from authorised through captured to refunded, in parts, with an event each", async () => {
    const { id } = await authorize();
    expect((await post(`/v1/payments/${id}/capture`, {})).body).toMatchObject({
      status: "captured",
      capturedMinor: 1999,
    });
    expect((await post(`/v1/payments/${id}/refunds`, { amountMinor: 999 })).body.refundedMinor).toBe(999);
    expect((await post(`/v1/payments/${id}/refunds`, { amountMinor: 1001 })).body.error.code).toBe(
      "refund_exceeds_captured",
    );
    expect((await post(`/v1/payments/${id}/refunds`, { amountMinor: 1000 })).body.refundedMinor).toBe(1999);
    await eventually(() =>
      expect(types().sort()).toEqual([
        "payment.authorized",
        "payment.captured",
        "payment.refunded",
        "payment.refunded",
      ]),
    );
  });

  it("voids what is held", async () => {
    const { id } = await authorize();
    expect((await post(`/v1/payments/${id}/void`, {})).body).toMatchObject({ status: "voided", authorizedMinor: 0 });
    await eventually(() => expect(types()).toContain("payment.voided"));
  });

  it.each([
    ["tok_approve", "refunds", { amountMinor: 1 }, "not_refundable"],
    ["tok_action_required", "capture", {}, "not_capturable"],
    ["tok_decline_card_expired", "capture", {}, "not_capturable"],
    ["tok_decline_card_expired", "void", {}, "not_voidable"],
  ])("refuses an impossible step: %s, %s", async (token, step, body, code) => {
    const { id, status } = await authorize(token);
    expect(await post(`/v1/payments/${id}/${step}`, body)).toMatchObject({
      status: 409,
      body: { error: { code }, payment: { status } },
    });
  });

  it("takes one of two that capture and void at once", async () => {
    const { id } = await authorize();
    const both = await Promise.all([post(`/v1/payments/${id}/capture`, {}), post(`/v1/payments/${id}/void`, {})]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it.each([
    ["confirm", "authorized", null, "payment.authorized"],
    ["refuse", "declined", "authentication_failed", "payment.declined"],
  ])("lets the customer %s, once", async (answer, status, declineCode, type) => {
    const { nextActionUrl } = await authorize("tok_action_required");
    const act = () => fetch(`${nextActionUrl}/${answer}`, { method: "POST", headers: { accept: "application/json" } });
    expect(await (await act()).json()).toMatchObject({ status, declineCode, nextActionUrl: null });
    expect((await act()).status).toBe(409);
    await eventually(() => expect(types()).toEqual([type]));
  });
});

describe("idempotency keys", () => {
  it("make one payment of many requests, at once and later, and after a restart", async () => {
    const request = aRequest("tok_approve");
    const all = await Promise.all([1, 2, 3].map(() => post("/v1/payments", request, { key: "one" })));
    await restart();
    const later = await post("/v1/payments", request, { key: "one" });
    expect(new Set([...all, later].map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await get(`/v1/payments?reference=${request.reference}`)).body.data).toHaveLength(1);
  });

  it("make one refund of two requests", async () => {
    const { id } = await authorize();
    await post(`/v1/payments/${id}/capture`, {});
    const refunds = [1, 2].map(() => post(`/v1/payments/${id}/refunds`, { amountMinor: 5 }, { key: "refund" }));
    expect((await Promise.all(refunds)).map(({ body }) => body.refundedMinor)).toEqual([5, 5]);
  });

  it("refuse another request, of another path too", async () => {
    const request = aRequest("tok_approve");
    const { id } = (await post("/v1/payments", request, { key: "used" })).body;
    const mismatch = { status: 409, body: { error: { code: "idempotency_mismatch" } } };
    expect(await post("/v1/payments", { ...request, amountMinor: 1 }, { key: "used" })).toMatchObject(mismatch);
    expect(await post(`/v1/payments/${id}/capture`, {}, { key: "used" })).toMatchObject(mismatch);
  });

  it("are required", async () => {
    expect((await post("/v1/payments", aRequest("tok_approve"), { key: "" })).body.error.code).toBe(
      "idempotency_key_missing",
    );
  });
});

describe("bad requests", () => {
  it.each(["", "wrong", `${API_KEY}x`])("refuses the key %j", async (apiKey) => {
    expect(await post("/v1/payments", aRequest("tok_approve"), { apiKey })).toMatchObject({
      status: 401,
      body: { error: { code: "unauthorized" } },
    });
  });

  it.each([
    ["{", "invalid_json"],
    ["", "invalid_request"],
    ["[]", "invalid_request"],
    [aRequest("tok_approve", { amountMinor: 0 }), "invalid_request"],
    [aRequest("tok_approve", { amountMinor: 1.5 }), "invalid_request"],
    [aRequest("tok_approve", { amountMinor: 1e16 }), "invalid_request"],
    [aRequest("tok_approve", { amountMinor: "5" }), "invalid_request"],
    [aRequest("tok_approve", { currency: "euro" }), "invalid_request"],
    [aRequest("tok_approve", { reference: "a\u0000b" }), "invalid_request"],
    [aRequest("", {}), "invalid_request"],
    [aRequest("tok_approve", { returnUrl: "javascript:alert(1)" }), "invalid_request"],
    [aRequest("tok_approve", { unheardOf: true }), "invalid_request"],
  ])("refuses the body %j", async (body, code) => {
    expect(await post("/v1/payments", body)).toMatchObject({ status: 400, body: { error: { code } } });
    expect(state.received).toEqual([]);
  });

  it("refuses a body that is too large", async () => {
    expect((await post("/v1/payments", "x".repeat(70_000))).status).toBe(413);
  });

  it.each(["/v1/payments/pmt_x", "/v1/payments/", "/v1/payments/pmt_x/y"])("knows nothing at GET %s", async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it("refuses steps of payments and of kinds that do not exist", async () => {
    expect((await post("/v1/payments/pmt_x/capture", {})).body.error.code).toBe("payment_not_found");
    const { id } = await authorize();
    expect((await post(`/v1/payments/${id}/explode`, {})).body.error.code).toBe("not_found");
  });
});

describe("health", () => {
  it.each(["live", "ready"])("is told at /health/%s without a key", async (kind) => {
    expect((await fetch(`${state.provider.url}/health/${kind}`)).status).toBe(200);
  });
});
