import { createHash } from "node:crypto";
import { type HttpRequest, type HttpResponse, json, type Route } from "@supergraph/service";
import { errorAnswer } from "./errors.ts";
import { type Ledger, newWebhook } from "./ledger.ts";
import { answerAction, type Payment, toView } from "./payment.ts";
import type { WebhookSender } from "./webhooks.ts";

export interface ActionPageDeps {
  readonly ledger: Ledger;
  readonly webhooks: WebhookSender;
  readonly publicUrl: () => string;
  readonly now: () => Date;
}

/**
 * The customer's page at `/actions/<secret>`: who knows the secret may confirm or refuse, once. Answers JSON to who
 * asks for it with `Accept`, HTML otherwise.
 */
export const actionRoutes = (deps: ActionPageDeps): readonly Route[] => [
  { method: "GET", path: "/actions/*", handle: (request) => show(request, deps) },
  { method: "POST", path: "/actions/*", handle: (request) => answer(request, deps) },
];

const show = async (request: HttpRequest, { ledger, publicUrl }: ActionPageDeps): Promise<HttpResponse> => {
  const [secret = "", ...rest] = request.url.pathname.split("/").slice(2);
  const payment = rest.length === 0 ? ledger.paymentOfAction(secret) : undefined;
  if (!payment) return notFound(request);
  await ledger.flushed();
  return wantsJson(request)
    ? json(200, toView(payment, publicUrl()), NO_STORE)
    : html(200, payment.status === "requires_action" ? questionPage(payment, secret) : resultPage(payment));
};

const answer = async (request: HttpRequest, deps: ActionPageDeps): Promise<HttpResponse> => {
  const { ledger, webhooks, publicUrl, now } = deps;
  const [secret = "", action, ...rest] = request.url.pathname.split("/").slice(2);
  const payment = rest.length === 0 ? ledger.paymentOfAction(secret) : undefined;
  if (!payment || (action !== "confirm" && action !== "refuse")) return notFound(request);
  const decided = answerAction(payment, action);
  if (decided.kind === "refused") {
    await ledger.flushed();
    return wantsJson(request) ? errorAnswer(409, decided.code, decided.message) : html(409, resultPage(payment));
  }
  const view = toView(decided.payment, publicUrl());
  const webhook = newWebhook(action === "confirm" ? "payment.authorized" : "payment.declined", view, now());
  await ledger.change({ payment: decided.payment, answer: null, webhook });
  void webhooks.send(webhook);
  return wantsJson(request) ? json(200, view, NO_STORE) : html(200, resultPage(decided.payment));
};

const notFound = (request: HttpRequest): HttpResponse =>
  wantsJson(request)
    ? errorAnswer(404, "action_not_found", "There is no such action.")
    : html(404, page("Not found", "<h1>Not found</h1><p>This page belongs to no payment.</p>"));

const wantsJson = ({ headers }: HttpRequest): boolean =>
  /\bapplication\/json\b/.test(headers.accept ?? "") && !/\btext\/html\b/.test(headers.accept ?? "");

const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { max-width: 26rem; padding: 2rem; border: 1px solid GrayText; border-radius: .75rem; }
h1 { font-size: 1.375rem; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0 0 1.5rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.answers { display: flex; flex-wrap: wrap; gap: .75rem; }
button { font: inherit; min-height: 2.75rem; padding: .5rem 1.25rem; border-radius: .5rem; border: 2px solid ButtonText; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`;

const CSP = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const NO_STORE = { "cache-control": "no-store" };

const html = (status: number, body: string): HttpResponse => ({
  status,
  headers: {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": CSP,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    ...NO_STORE,
  },
  body,
});

const questionPage = (payment: Payment, secret: string): string => {
  const action = `/actions/${encodeURIComponent(secret)}`;
  return page(
    "Confirm your payment",
    `<h1>Confirm your payment</h1>
${summary(payment)}
<div class="answers">
<form method="post" action="${action}/confirm"><button type="submit">Confirm</button></form>
<form method="post" action="${action}/refuse"><button type="submit">Refuse</button></form>
</div>`,
  );
};

const resultPage = (payment: Payment): string => {
  const [title, told] = result(payment);
  const back =
    payment.returnUrl === null ? "" : `<p><a href="${escapeHtml(payment.returnUrl)}">Back to the shop</a></p>`;
  return page(title, `<h1>${title}</h1>\n<p role="status">${told}</p>\n${summary(payment)}\n${back}`);
};

const result = ({ status }: Payment): readonly [title: string, told: string] => {
  switch (status) {
    case "authorized":
    case "captured":
      return ["Payment confirmed", "You confirmed this payment. You can close this page."];
    case "declined":
      return ["Payment refused", "This payment was refused: nothing is charged. You can close this page."];
    case "voided":
      return ["Payment cancelled", "The shop cancelled this payment: nothing is charged. You can close this page."];
    default:
      return ["Nothing to do", "This payment needs no confirmation now."];
  }
};

const summary = (payment: Payment): string =>
  `<dl><dt>Amount</dt><dd>${escapeHtml(readableAmount(payment))}</dd><dt>Order</dt><dd>${escapeHtml(payment.reference)}</dd></dl>`;

const readableAmount = ({ amountMinor, currency }: Payment): string => {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(amountMinor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Sandbox payment provider</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
