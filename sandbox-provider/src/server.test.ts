import { createHash, createHmac } from "node:crypto";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HttpServer, silentLogger, startHttpServer } from "@supergraph/service";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SandboxProviderConfig } from "./config.ts";
import { type ImportedPayment, importPayments, type SandboxProvider, startSandboxProvider } from "./server.ts";

const API_KEY = "sk_test_0123456789abcdef";
const SECRET = "whsec_0123456789abcdef";
const log = silentLogger();

interface View {
  id: string;
  status: string;
  declineCode: string | null;
  nextActionUrl: string | null;
  authorizedMinor: number;
  capturedMinor: number;
  refundedMinor: number;
  error: { code: string; message: string };
  data: View[];
}

interface Received {
  readonly id: string;
  readonly type: string;
  readonly payment: View;
  readonly signature: string;
  readonly raw: string;
}

let directory: string;
let provider: SandboxProvider;
let receiver: HttpServer;
let received: Received[];
/** What the receiver answers, first to last; 200 from then on. */
let answers: number[];

const start = async (changes: Partial<SandboxProviderConfig> = {}): Promise<void> => {
  provider = await startSandboxProvider(
    {
      host: "127.0.0.1",
      port: 0,
      apiKey: API_KEY,
      webhookSecret: SECRET,
      webhookUrl: `${receiver.url}/hook`,
      directory,
      publicUrl: null,
      logLevel: "silent",
      slowAnswerMs: 50,
      lateWebhookMs: 50,
      webhookRetry: { firstMs: 5, maxMs: 20 },
      ...changes,
    },
    { log },
  );
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sandbox-provider-"));
  received = [];
  answers = [];
  receiver = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    maxBodyBytes: 100_000,
    log,
    routes: [
      {
        method: "POST",
        path: "/hook",
        async handle({ body, headers }) {
          const raw = body.toString();
          const event = JSON.parse(raw) as Omit<Received, "raw" | "signature">;
          received.push({ ...event, raw, signature: String(headers["webhook-signature"]) });
          return { status: answers.shift() ?? 200 };
        },
      },
    ],
  });
  await start();
});

afterEach(async () => {
  await provider.stop();
  await receiver.stop();
  await rm(directory, { recursive: true, force: true });
});

let keys = 0;

const post = async (
  path: string,
  body: unknown,
  { key = `key_${++keys}`, apiKey = API_KEY, signal = null as AbortSignal | null } = {},
) => {
  const response = await fetch(`${provider.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, ...(key ? { "idempotency-key": key } : {}) },
    body: typeof body === "string" ? body : JSON.stringify(body),
    signal,
  });
  return { status: response.status, body: (await response.json()) as View };
};

const get = async (path: string) => {
  const response = await fetch(`${provider.url}${path}`, { headers: { authorization: `Bearer ${API_KEY}` } });
  return { status: response.status, body: (await response.json()) as View };
};

const aRequest = (token: string, changes: Record<string, unknown> = {}) => ({
  reference: `ord_${++keys}`,
  amountMinor: 1999,
  currency: "EUR",
  token,
  ...changes,
});

const authorize = async (token = "tok_approve") => (await post("/v1/payments", aRequest(token))).body;
const types = () => received.map(({ type }) => type);
const restart = async (changes: Partial<SandboxProviderConfig> = {}) => {
  await provider.stop();
  await start(changes);
};

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
    await vi.waitFor(async () => {
      const { body } = await get(`/v1/payments?reference=${request.reference}`);
      expect(body.data).toMatchObject([{ status: "processing" }]);
    });
    expect((await late).body.status).toBe("authorized");
  });

  it("tok_slow settles what a stop interrupted", async () => {
    await restart({ slowAnswerMs: 60_000 });
    const request = aRequest("tok_slow");
    const late = post("/v1/payments", request);
    await vi.waitFor(async () =>
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
    await vi.waitFor(() => expect(types()).toEqual(["payment.authorized"]));
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
    await vi.waitFor(() => expect(received).toHaveLength(2));
    expect(received[0]?.raw).toBe(received[1]?.raw);
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
    await vi.waitFor(() =>
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
    await vi.waitFor(() => expect(types()).toContain("payment.voided"));
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
    await vi.waitFor(() => expect(types()).toEqual([type]));
  });
});

describe("the action page", () => {
  it("asks with two forms, from itself alone, and answers what became of it", async () => {
    const request = aRequest("tok_action_required", { returnUrl: 'http://shop.example/?a="b"&c' });
    const { nextActionUrl } = (await post("/v1/payments", request)).body;
    const page = await fetch(`${nextActionUrl}`);
    const html = await page.text();
    expect(html).toContain("€19.99");
    expect(html).toContain(`action="${new URL(`${nextActionUrl}`).pathname}/confirm"`);
    expect(html).toContain('<html lang="en">');
    expect(html).not.toMatch(/<script|https?:\/\/(?!shop)/);
    const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? "";
    expect(page.headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );

    const answered = await fetch(`${nextActionUrl}/confirm`, { method: "POST" });
    const result = await answered.text();
    expect(result).toContain("Payment confirmed");
    expect(result).toContain('<a href="http://shop.example/?a=&#34;b&#34;&#38;c">');
    expect(await (await fetch(`${nextActionUrl}`)).text()).toContain("Payment confirmed");
  });

  it.each(["", "x", "x/confirm", "x/y/z", "%00", "..%2f"])("knows no page /actions/%s", async (path) => {
    expect((await fetch(`${provider.url}/actions/${path}`)).status).toBe(404);
    expect((await fetch(`${provider.url}/actions/${path}`, { method: "POST" })).status).toBe(404);
  });

  it("tells that a voided payment needs nothing any more", async () => {
    const { id, nextActionUrl } = await authorize("tok_action_required");
    await post(`/v1/payments/${id}/void`, {});
    expect(await (await fetch(`${nextActionUrl}`)).text()).toContain("Payment cancelled");
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
    expect(received).toEqual([]);
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

describe("webhooks", () => {
  it("are signed over the timestamp and the bytes that are sent", async () => {
    await authorize();
    await vi.waitFor(() => expect(received).toHaveLength(1));
    const [webhook] = received;
    const [, timestamp, sum] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(webhook?.signature ?? "") ?? [];
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
    expect(createHmac("sha256", SECRET).update(`${timestamp}.${webhook?.raw}`).digest("hex")).toBe(sum);
    expect(webhook).toMatchObject({
      type: "payment.authorized",
      payment: { status: "authorized", authorizedMinor: 1999 },
    });
  });

  it("are delivered until they are accepted", async () => {
    answers = [500, 404, 302];
    await authorize();
    await vi.waitFor(() => expect(received).toHaveLength(4));
    expect(new Set(received.map(({ id }) => id)).size).toBe(1);
  });

  it("are delivered after a restart when they were not before, and not again when they were", async () => {
    answers = Array.from({ length: 1_000 }, () => 503);
    await authorize();
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(0));
    await provider.stop();
    answers = [];
    received = [];
    await start();
    await vi.waitFor(() => expect(types()).toEqual(["payment.authorized"]));
    await restart();
    await authorize();
    await vi.waitFor(() => expect(received).toHaveLength(2));
  });

  it("wait for a receiver whose address is told later", async () => {
    await restart({ webhookUrl: null });
    await authorize();
    provider.sendWebhooksTo(`${receiver.url}/hook`);
    await vi.waitFor(() => expect(types()).toEqual(["payment.authorized"]));
  });
});

describe("the journal", () => {
  const journal = () => join(directory, "journal.jsonl");

  it("brings everything back after a restart", async () => {
    const { id } = await authorize();
    await post(`/v1/payments/${id}/capture`, {});
    await post(`/v1/payments/${id}/refunds`, { amountMinor: 5, reference: "ref_1" });
    const before = await get(`/v1/payments/${id}`);
    await restart();
    expect(await get(`/v1/payments/${id}`)).toEqual(before);
  });

  it("drops a last line that a crash tore, and goes on", async () => {
    const { id } = await authorize();
    await provider.stop();
    await appendFile(journal(), '{"kind":"payment","paym');
    await start();
    expect((await get(`/v1/payments/${id}`)).status).toBe(200);
    await authorize();
    await restart();
    expect(await readFile(journal(), "utf8")).not.toContain('"paym{');
  });

  it.each(["garbage\n", '{"kind":"payment"}\n', "\n"])("refuses to start on a corrupt line %j", async (line) => {
    await authorize();
    await provider.stop();
    await writeFile(journal(), line + (await readFile(journal(), "utf8")));
    await expect(start()).rejects.toThrow(/journal\.jsonl:1 is not a record/);
    await rm(journal());
    await start();
  });

  it("names a directory that cannot be used", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");
    await provider.stop();
    await expect(start({ directory: file })).rejects.toThrow(/file.*cannot be opened.*choose a directory/);
    await start();
  });

  it("takes in payments of the past, once", async () => {
    await provider.stop();
    const imported: ImportedPayment = {
      id: "pmt_past",
      reference: "ord_past",
      status: "captured",
      amountMinor: 100n,
      currency: "EUR",
      authorizedMinor: 100n,
      capturedMinor: 100n,
      refundedMinor: 40n,
      declineCode: null,
      createdAt: new Date("2026-01-01T00:00:00Z"),
      refunds: [{ id: "rfd_1", reference: "ref_1", amountMinor: 40n, createdAt: new Date("2026-01-02T00:00:00Z") }],
    };
    await importPayments(directory, [imported]);
    await importPayments(directory, [imported]);
    await start();
    expect((await get("/v1/payments?reference=ord_past")).body.data).toMatchObject([
      { id: "pmt_past", refundedMinor: 40 },
    ]);
    expect((await post("/v1/payments/pmt_past/refunds", { amountMinor: 61 })).status).toBe(409);
    expect((await post("/v1/payments/pmt_past/refunds", { amountMinor: 60 })).body.refundedMinor).toBe(100);
  });
});

describe("health", () => {
  it.each(["live", "ready"])("is told at /health/%s without a key", async (kind) => {
    expect((await fetch(`${provider.url}/health/${kind}`)).status).toBe(200);
  });
});
