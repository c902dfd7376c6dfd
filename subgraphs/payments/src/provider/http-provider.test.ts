import {
  type HttpRequest,
  type HttpResponse,
  type HttpServer,
  json,
  silentLogger,
  startHttpServer,
} from "@supergraph/service";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHttpProvider } from "./http-provider.ts";
import type { PaymentProvider } from "./payment-provider.ts";

const aPayment = {
  id: "pmt_1",
  reference: "ord_1",
  status: "requires_action",
  declineCode: null,
  nextActionUrl: "http://psp/act",
  authorizedMinor: 0,
  capturedMinor: 0,
  refunds: [{ reference: "ref_1" }, { reference: null }],
  addedLater: true,
};

const authorize = {
  idempotencyKey: "authorize:pay_1",
  reference: "ord_1",
  amountMinor: 1999n,
  currency: "EUR",
  paymentMethodToken: "tok_approve",
};

describe("the provider over HTTP", () => {
  let server: HttpServer;
  let provider: PaymentProvider;
  let requests: HttpRequest[];
  let answer: () => Promise<HttpResponse>;

  beforeEach(async () => {
    requests = [];
    answer = async () => json(201, aPayment);
    server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      maxBodyBytes: 10_000,
      log: silentLogger(),
      routes: [
        {
          method: "*",
          path: "/*",
          handle: (request) => {
            requests.push(request);
            return answer();
          },
        },
      ],
    });
    provider = createHttpProvider({ url: `${server.url}/`, apiKey: "sk_test", timeoutMs: 200, connections: 4 });
  });
  afterEach(async () => {
    await provider.close();
    await server.stop({ drainMs: 0 });
  });

  it("sends the key, the idempotency key and the request, and reads the payment", async () => {
    expect(await provider.authorize(authorize)).toEqual({
      kind: "answered",
      payment: {
        id: "pmt_1",
        reference: "ord_1",
        status: "requiresAction",
        declineCode: null,
        nextActionUrl: "http://psp/act",
        authorizedMinor: 0n,
        capturedMinor: 0n,
        refundReferences: ["ref_1"],
      },
    });
    const [request] = requests;
    expect(request?.headers).toMatchObject({
      authorization: "Bearer sk_test",
      "idempotency-key": "authorize:pay_1",
      "content-type": "application/json",
    });
    expect(JSON.parse(String(request?.body))).toEqual({
      reference: "ord_1",
      amountMinor: 1999,
      currency: "EUR",
      token: "tok_approve",
    });
  });

  it.each([
    ["an error of its own", json(500, { error: { code: "internal_error", message: "" } })],
    ["too many requests", json(429, { error: { code: "rate_limited", message: "" } })],
    ["a wrong key", json(401, { error: { code: "unauthorized", message: "" } })],
    ["a page of a proxy", { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad gateway</h1>" }],
    ["half an answer", { status: 200, body: '{"id":"pmt_1"' }],
    ["no payment", json(200, { id: "pmt_1" })],
    ["an unheard-of status", json(200, { ...aPayment, status: "exploded" })],
    ["amounts that cannot be", json(200, { ...aPayment, capturedMinor: 5 })],
    ["an address that runs a script", json(200, { ...aPayment, nextActionUrl: "javascript:alert(1)" })],
  ])("does not know the outcome after %s", async (_, response) => {
    answer = async () => response;
    expect((await provider.authorize(authorize)).kind).toBe("unknown");
    expect((await provider.find("ord_1")).kind).toBe("unknown");
  });

  it("does not know the outcome when no answer comes in time, or no connection", async () => {
    answer = () => new Promise(() => undefined);
    expect((await provider.authorize(authorize)).kind).toBe("unknown");
    await server.stop({ drainMs: 0 });
    expect((await provider.capture({ idempotencyKey: "k", providerPaymentId: "pmt_1" })).kind).toBe("unknown");
    await expect(provider.check()).rejects.toThrow(/does not answer/);
  });

  it("tells a refusal in this state from a refusal for good", async () => {
    answer = async () => json(409, { error: { code: "not_voidable", message: "" }, payment: aPayment });
    expect(await provider.void({ idempotencyKey: "k", providerPaymentId: "pmt_1" })).toMatchObject({
      kind: "conflict",
      reason: "not_voidable",
      payment: { id: "pmt_1" },
    });
    answer = async () => json(400, { error: { code: "invalid_request", message: "" } });
    expect(await provider.authorize(authorize)).toEqual({ kind: "refused", reason: "invalid_request" });
  });

  it("finds by reference, or tells that there is none", async () => {
    answer = async () => json(200, { data: [aPayment] });
    expect(await provider.find("ord_1&x")).toMatchObject({ kind: "found", payment: { id: "pmt_1" } });
    expect(requests[0]?.url.searchParams.get("reference")).toBe("ord_1&x");
    answer = async () => json(200, { data: [] });
    expect(await provider.find("ord_1")).toEqual({ kind: "absent" });
  });

  it("does not let an id change the path", async () => {
    await provider.capture({ idempotencyKey: "k", providerPaymentId: "../x" });
    expect(requests[0]?.url.pathname).toBe("/v1/payments/..%2Fx/capture");
  });
});
