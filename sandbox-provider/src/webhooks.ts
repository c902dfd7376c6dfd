import type { Logger } from "@supergraph/service";
import { Agent, request } from "undici";
import type { Webhook } from "./ledger.ts";
import { signWebhook } from "./signature.ts";

export interface WebhookSender {
  /** Delivers until it is accepted. Resolves after the first attempt, whatever came of it. */
  send(webhook: Webhook): Promise<void>;
  /** Where to deliver from now on; what waited for an address goes at once. */
  sendTo(url: string): void;
  /** Gives up attempts under way; what was not accepted is sent again after the next start. */
  stop(): Promise<void>;
}

export interface WebhookSenderOptions {
  readonly url: string | null;
  readonly secret: string;
  readonly retry: { readonly firstMs: number; readonly maxMs: number };
  readonly now: () => Date;
  /** Called once the receiver has accepted all deliveries of the webhook. */
  readonly onDelivered: (webhook: Webhook) => Promise<void>;
  readonly log: Logger;
}

const ATTEMPT_TIMEOUT_MS = 5_000;
/** An attempt that waits for a connection uses its time up: enough for a receiver that takes many together. */
const CONNECTIONS = 64;

export const createWebhookSender = (options: WebhookSenderOptions): WebhookSender => {
  const { secret, retry, now, onDelivered, log } = options;
  const agent = new Agent({ connections: CONNECTIONS });
  const stopping = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  const withoutAddress: (() => void)[] = [];
  let url = options.url;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, ms);
      timers.add(timer);
    });

  const address = (): Promise<string> | string =>
    url ?? new Promise((resolve) => withoutAddress.push(() => resolve(url ?? "")));

  const isAccepted = async (webhook: Webhook, attempt: number): Promise<boolean> => {
    const target = await address();
    const { id, type, createdAt, payment } = webhook;
    const body = JSON.stringify({ id, type, createdAt, payment });
    try {
      const response = await request(target, {
        method: "POST",
        dispatcher: agent,
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-signature": signWebhook(body, secret, now()),
        },
        body,
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]),
      });
      await response.body.dump();
      if (response.statusCode >= 200 && response.statusCode < 300) return true;
      log.info({ webhook: id, type, attempt, status: response.statusCode }, "webhook was not accepted");
    } catch (error) {
      if (!stopping.signal.aborted) log.info({ webhook: id, type, attempt, err: error }, "webhook was not delivered");
    }
    return false;
  };

  const deliver = async (webhook: Webhook, onFirstAttempt: () => void): Promise<void> => {
    await pause(Math.max(0, Date.parse(webhook.notBefore) - now().getTime()));
    let accepted = 0;
    for (let attempt = 1; accepted < webhook.deliveries && !stopping.signal.aborted; attempt += 1) {
      const isDelivered = await isAccepted(webhook, attempt);
      onFirstAttempt();
      if (isDelivered) accepted += 1;
      else await pause(Math.min(retry.maxMs, retry.firstMs * 2 ** Math.min(attempt - 1, 20)));
    }
    if (!stopping.signal.aborted) await onDelivered(webhook);
  };

  return {
    send: (webhook) =>
      new Promise((resolve) => {
        deliver(webhook, resolve).catch((error: unknown) =>
          log.error({ err: error, webhook: webhook.id }, "delivery of a webhook could not be recorded"),
        );
      }),
    sendTo(to) {
      url = to;
      for (const wake of withoutAddress.splice(0)) wake();
    },
    async stop() {
      stopping.abort();
      for (const timer of timers) clearTimeout(timer);
      await agent.destroy();
    },
  };
};
