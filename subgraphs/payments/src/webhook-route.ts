import { reach } from "@supergraph/failpoints";
import {
  type HttpRequest,
  type HttpResponse,
  inServerSpan,
  json,
  type Logger,
  parseJson,
  type Route,
} from "@supergraph/service";
import { z } from "zod";
import type { TakenWebhook, Webhook } from "./commands/take-webhooks.ts";
import { PspPayment } from "./provider/psp-payment.ts";
import { verifySignature } from "./provider/webhook-signature.ts";

export interface WebhookRouteDeps {
  readonly secret: string;
  readonly take: (webhook: Webhook) => Promise<TakenWebhook>;
  /** Called after each webhook that was taken: there may be something to ask the provider. */
  readonly onTaken: () => void;
  readonly now: () => Date;
  readonly log: Logger;
}

const plainText = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\P{Cc}+$/u);

const PspWebhook = z.object({
  id: plainText,
  type: plainText,
  payment: z.looseObject({ reference: plainText }).pipe(PspPayment),
});

/** Where the provider tells of payments. What it did not sign, lately and over this very body, is refused unread. */
export const webhookRoute = (deps: WebhookRouteDeps): Route => ({
  method: "POST",
  path: "/webhooks/psp",
  handle: (request) =>
    inServerSpan("POST /webhooks/psp", request.headers, () => takeWebhook(request, deps), {
      "http.request.method": "POST",
      "http.route": "/webhooks/psp",
      "url.path": "/webhooks/psp",
    }),
});

const takeWebhook = async (
  request: HttpRequest,
  { secret, take, onTaken, now, log }: WebhookRouteDeps,
): Promise<HttpResponse> => {
  const header = request.headers["webhook-signature"];
  const verdict = verifySignature(typeof header === "string" ? header : undefined, request.body, secret, now());
  if (verdict.kind !== "valid") {
    log.warn({ verdict: verdict.kind }, "refused a webhook");
    return refusal(401, `signature_${verdict.kind}`, "The webhook's signature is missing, wrong or too old.");
  }
  const webhook = PspWebhook.safeParse(parseJson(request.body));
  if (!webhook.success) {
    log.warn({ problem: z.prettifyError(webhook.error) }, "refused a webhook that makes no sense");
    return refusal(400, "invalid_webhook", "The body is not a webhook that this endpoint knows.");
  }
  const { id: eventId, payment, type } = webhook.data;
  const taken = await take({ eventId, payment });
  // Not an error for long: our record of the payment may still be on its way, and the provider tries again.
  if (taken.kind === "unknownPayment") return refusal(404, "payment_not_found", "There is no such payment here.");
  reach("webhook:recorded");
  onTaken();
  log.info({ webhook: eventId, type, outcome: taken.kind }, "webhook taken");
  return json(200, { received: true });
};

const refusal = (status: number, code: string, message: string): HttpResponse =>
  json(status, { error: { code, message } });
