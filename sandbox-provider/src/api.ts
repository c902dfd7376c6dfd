import { randomBytes } from "node:crypto";
import { type HttpRequest, type HttpResponse, json, type Logger, newId, type Route } from "@supergraph/service";
import { z } from "zod";
import { errorAnswer } from "./errors.ts";
import { idempotent } from "./idempotency.ts";
import { type Answer, type Ledger, newWebhook, type Webhook } from "./ledger.ts";
import {
  capture,
  type Payment,
  type PaymentView,
  refund,
  settle,
  type Transition,
  toView,
  voidPayment,
} from "./payment.ts";
import { isSameSecret } from "./signature.ts";
import { behaviourOf } from "./tokens.ts";
import type { WebhookSender } from "./webhooks.ts";

export interface ApiDeps {
  readonly ledger: Ledger;
  readonly webhooks: WebhookSender;
  readonly apiKey: string;
  /** Origin of the action pages, known once the server listens. */
  readonly publicUrl: () => string;
  readonly slowAnswerMs: number;
  readonly lateWebhookMs: number;
  readonly now: () => Date;
  /** Aborted when the provider stops: what is held back is then let go. */
  readonly stopping: AbortSignal;
  readonly log: Logger;
}

/** The merchant's API under `/v1`, for callers with the API key. */
export const apiRoutes = (deps: ApiDeps): readonly Route[] => [
  { method: "POST", path: "/v1/payments", handle: guarded(deps, (request) => createPayment(request, deps)) },
  { method: "GET", path: "/v1/payments", handle: guarded(deps, (request) => listPayments(request, deps)) },
  { method: "GET", path: "/v1/payments/*", handle: guarded(deps, (request) => showPayment(request, deps)) },
  { method: "POST", path: "/v1/payments/*", handle: guarded(deps, (request) => changePayment(request, deps)) },
];

/** Ends what a crash left in the middle: payments whose answer died with the process are settled now. */
export const settleInterrupted = async (deps: ApiDeps): Promise<void> => {
  await Promise.all(deps.ledger.processing().map((payment) => settleProcessing(payment, deps)));
};

const MAX_AMOUNT_MINOR = 1_000_000_000_000_000;

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, "control characters are refused");

const CreateRequest = z.strictObject({
  reference: text(128),
  amountMinor: z.int().min(1).max(MAX_AMOUNT_MINOR),
  currency: z.string().regex(/^[A-Z]{3}$/, "expected an ISO 4217 code"),
  token: text(255),
  returnUrl: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .optional(),
});

const RefundRequest = z.strictObject({
  amountMinor: z.int().min(1).max(MAX_AMOUNT_MINOR),
  reference: text(128).optional(),
});

const EmptyRequest = z.strictObject({});

const guarded =
  ({ apiKey }: ApiDeps, handle: (request: HttpRequest) => Promise<HttpResponse>) =>
  async (request: HttpRequest): Promise<HttpResponse> => {
    const [scheme, key = ""] = (request.headers.authorization ?? "").split(" ", 2);
    if (scheme?.toLowerCase() !== "bearer" || !isSameSecret(key, apiKey))
      return errorAnswer(401, "unauthorized", "Send the API key as `Authorization: Bearer <key>`.");
    return handle(request);
  };

const createPayment = (request: HttpRequest, deps: ApiDeps): Promise<HttpResponse> =>
  idempotent(request, CreateRequest, deps, async (input, remember) => {
    const { ledger, webhooks, publicUrl, now, stopping } = deps;
    const { outcome, answer, webhookDeliveries } = behaviourOf(input.token);
    if (answer === "error first" && !ledger.hasErred(input.reference)) {
      await ledger.markErred(input.reference);
      return errorAnswer(500, "internal_error", "Something went wrong before the payment was made. Try again.");
    }
    const received: Payment = {
      id: newId("pmt"),
      reference: input.reference,
      status: "processing",
      amountMinor: input.amountMinor,
      currency: input.currency,
      declineCode: null,
      authorizedMinor: 0,
      capturedMinor: 0,
      refundedMinor: 0,
      refunds: [],
      actionSecret: outcome.status === "requires_action" ? randomBytes(24).toString("base64url") : null,
      returnUrl: input.returnUrl ?? null,
      createdAt: now().toISOString(),
    };
    if (answer === "late") {
      await ledger.change({ payment: received, answer: remember(received.id, null), webhook: null });
      await pause(deps.slowAnswerMs, stopping);
      return json(201, await settleProcessing(received, deps));
    }
    const payment = settle(received, outcome);
    const view = toView(payment, publicUrl());
    const webhook =
      payment.status === "requires_action"
        ? null
        : newWebhook(payment.status === "declined" ? "payment.declined" : "payment.authorized", view, now(), {
            deliveries: webhookDeliveries,
            delayMs: answer === "never" ? deps.lateWebhookMs : 0,
          });
    await ledger.change({ payment, answer: remember(payment.id, view), webhook });
    const firstAttempt = webhook ? webhooks.send(webhook) : undefined;
    if (answer === "after the webhook") await firstAttempt;
    if (answer === "never") await pause(undefined, AbortSignal.any([request.signal, stopping]));
    return json(201, view);
  });

/** A payment that `tok_slow` left processing becomes authorised, its waiting request's answer with it. */
const settleProcessing = async (
  received: Payment,
  { ledger, webhooks, publicUrl, now }: ApiDeps,
): Promise<PaymentView> => {
  const current = ledger.payment(received.id) ?? received;
  if (current.status !== "processing") return toView(current, publicUrl());
  const payment = settle(current, { status: "authorized" });
  const view = toView(payment, publicUrl());
  const webhook = newWebhook("payment.authorized", view, now());
  const open = ledger.openAnswer(payment.id);
  await ledger.change({ payment, answer: open ? { ...open, body: view } : null, webhook });
  void webhooks.send(webhook);
  return view;
};

const changePayment = async (request: HttpRequest, deps: ApiDeps): Promise<HttpResponse> => {
  const [id = "", action, ...rest] = request.url.pathname.split("/").slice(3);
  const unknown = errorAnswer(404, "payment_not_found", "There is no such payment.");
  if (rest.length > 0 || !deps.ledger.payment(id)) return unknown;

  const change = async (
    type: Webhook["type"],
    decide: (payment: Payment) => Transition,
    remember: (paymentId: string, body: unknown) => Answer,
  ): Promise<HttpResponse> => {
    const payment = deps.ledger.payment(id);
    if (!payment) return unknown;
    const decided = decide(payment);
    if (decided.kind === "refused") {
      await deps.ledger.flushed();
      return json(409, {
        error: { code: decided.code, message: decided.message },
        payment: toView(payment, deps.publicUrl()),
      });
    }
    const view = toView(decided.payment, deps.publicUrl());
    const webhook = newWebhook(type, view, deps.now());
    await deps.ledger.change({ payment: decided.payment, answer: remember(id, view), webhook });
    void deps.webhooks.send(webhook);
    return json(200, view);
  };

  switch (action) {
    case "capture":
      return idempotent(request, EmptyRequest, deps, (_, remember) => change("payment.captured", capture, remember));
    case "void":
      return idempotent(request, EmptyRequest, deps, (_, remember) => change("payment.voided", voidPayment, remember));
    case "refunds":
      return idempotent(request, RefundRequest, deps, ({ amountMinor, reference = null }, remember) =>
        change(
          "payment.refunded",
          (payment) =>
            refund(payment, { id: newId("rfd"), reference, amountMinor, createdAt: deps.now().toISOString() }),
          remember,
        ),
      );
    default:
      return errorAnswer(404, "not_found", "A payment can be captured, voided or refunded: nothing is at this path.");
  }
};

const showPayment = async (request: HttpRequest, { ledger, publicUrl }: ApiDeps): Promise<HttpResponse> => {
  const payment = ledger.payment(request.url.pathname.slice("/v1/payments/".length));
  if (!payment) return errorAnswer(404, "payment_not_found", "There is no such payment.");
  // What a crash could still undo must not be told.
  await ledger.flushed();
  return json(200, toView(payment, publicUrl()));
};

const listPayments = async (request: HttpRequest, { ledger, publicUrl }: ApiDeps): Promise<HttpResponse> => {
  const reference = request.url.searchParams.get("reference");
  if (!reference) return errorAnswer(400, "invalid_request", "`reference` is required.");
  const payments = ledger.paymentsOf(reference).map((payment) => toView(payment, publicUrl()));
  await ledger.flushed();
  return json(200, { data: payments });
};

/** Ends after `ms` (never, when undefined) or when `signal` says so. */
const pause = (ms: number | undefined, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
