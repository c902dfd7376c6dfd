import { inClientSpan } from "@supergraph/service";
import { Agent, request } from "undici";
import { z } from "zod";
import type { FindResult, PaymentProvider, ProviderResult } from "./payment-provider.ts";
import { PspPayment } from "./psp-payment.ts";

export interface HttpProviderOptions {
  /** Origin of the provider's API, with or without a path. */
  readonly url: string;
  readonly apiKey: string;
  /** After this a request counts as unknown. */
  readonly timeoutMs: number;
  /** Connections at the most; a request that finds none free waits, within its timeout. */
  readonly connections: number;
}

/**
 * The provider over HTTP. It tries once: the caller has durable retries, and asks {@link PaymentProvider.find} between
 * them, which a retry in here would only delay.
 */
export const createHttpProvider = ({ url, apiKey, timeoutMs, connections }: HttpProviderOptions): PaymentProvider => {
  const agent = new Agent({ connections });
  const base = url.replace(/\/+$/, "");
  const { hostname } = new URL(url);
  const server = { "server.address": hostname };

  const call = ({ method, path, body, idempotencyKey }: Request): Promise<Answer> => {
    const attributes = () => ({ ...server, "http.request.method": method, "url.template": path.template });
    return inClientSpan(`${method} ${path.template}`, attributes, async (tell) => {
      try {
        const response = await request(`${base}${path.actual}`, {
          method,
          dispatcher: agent,
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            authorization: `Bearer ${apiKey}`,
            ...(body ? { "content-type": "application/json" } : {}),
            ...(idempotencyKey ? { "idempotency-key": idempotencyKey } : {}),
          },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        tell({ "http.response.status_code": response.statusCode }, response.statusCode >= 400);
        return { kind: "http", status: response.statusCode, body: await response.body.json() };
      } catch (error) {
        tell({ "error.type": error instanceof Error ? error.name : typeof error }, true);
        return { kind: "none", reason: error instanceof Error ? error.message : String(error) };
      }
    });
  };

  const post = async (path: Path, body: object, idempotencyKey: string): Promise<ProviderResult> =>
    toResult(await call({ method: "POST", path, body, idempotencyKey }));

  const payment = (id: string, action: string): Path => ({
    actual: `/v1/payments/${encodeURIComponent(id)}/${action}`,
    template: `/v1/payments/{id}/${action}`,
  });

  return {
    authorize: ({ idempotencyKey, reference, amountMinor, currency, paymentMethodToken }) =>
      post(
        PAYMENTS,
        { reference, amountMinor: Number(amountMinor), currency, token: paymentMethodToken },
        idempotencyKey,
      ),
    capture: ({ idempotencyKey, providerPaymentId }) => post(payment(providerPaymentId, "capture"), {}, idempotencyKey),
    void: ({ idempotencyKey, providerPaymentId }) => post(payment(providerPaymentId, "void"), {}, idempotencyKey),
    refund: ({ idempotencyKey, providerPaymentId, reference, amountMinor }) =>
      post(payment(providerPaymentId, "refunds"), { reference, amountMinor: Number(amountMinor) }, idempotencyKey),
    find: async (reference) =>
      toFound(
        await call({
          method: "GET",
          path: { ...PAYMENTS, actual: `${PAYMENTS.actual}?reference=${encodeURIComponent(reference)}` },
        }),
      ),
    async check() {
      const answer = await call({ method: "GET", path: HEALTH });
      if (answer.kind === "none") throw new Error(`The payment provider does not answer: ${answer.reason}`);
    },
    close: () => agent.destroy(),
  };
};

interface Path {
  /** With ids. */
  readonly actual: string;
  /** Without. */
  readonly template: string;
}

const PAYMENTS: Path = { actual: "/v1/payments", template: "/v1/payments" };
const HEALTH: Path = { actual: "/health/live", template: "/health/live" };

interface Request {
  readonly method: "GET" | "POST";
  readonly path: Path;
  readonly body?: object;
  readonly idempotencyKey?: string;
}

type Answer =
  | { readonly kind: "http"; readonly status: number; readonly body: unknown }
  | { readonly kind: "none"; readonly reason: string };

const Refusal = z.object({ error: z.object({ code: z.string() }), payment: PspPayment.optional() });
const Found = z.object({ data: z.array(PspPayment) });

const toResult = (answer: Answer): ProviderResult => {
  if (answer.kind === "none") return { kind: "unknown", reason: answer.reason };
  if (answer.status === 200 || answer.status === 201) {
    const payment = PspPayment.safeParse(answer.body);
    return payment.success
      ? { kind: "answered", payment: payment.data }
      : { kind: "unknown", reason: `its answer is no payment: ${z.prettifyError(payment.error)}` };
  }
  const refusal = Refusal.safeParse(answer.body);
  const reason = refusal.data?.error.code ?? `HTTP ${answer.status}`;
  if (answer.status === 409 && refusal.data?.payment)
    return { kind: "conflict", reason, payment: refusal.data.payment };
  return isFinal(answer.status) ? { kind: "refused", reason } : { kind: "unknown", reason };
};

/** A wrong key, a limit or a timeout are ours or the provider's to mend: the same request can succeed later. */
const isFinal = (status: number): boolean =>
  status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);

const toFound = (answer: Answer): FindResult => {
  if (answer.kind === "none") return { kind: "unknown", reason: answer.reason };
  if (answer.status !== 200) return { kind: "unknown", reason: `HTTP ${answer.status}` };
  const found = Found.safeParse(answer.body);
  if (!found.success) return { kind: "unknown", reason: "its answer is no list of payments" };
  const [payment] = found.data.data;
  return payment ? { kind: "found", payment } : { kind: "absent" };
};
