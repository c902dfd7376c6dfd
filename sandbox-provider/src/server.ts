import {
  createHealth,
  createLogLevelSwitch,
  createMetrics,
  gauge,
  type Logger,
  type MetricSource,
  type Running,
  startHttpServer,
  startWithCleanup,
} from "@supergraph/service";
import { actionRoutes } from "./action-page.ts";
import { type ApiDeps, apiRoutes, settleInterrupted } from "./api.ts";
import type { SandboxProviderConfig } from "./config.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { createWebhookSender } from "./webhooks.ts";

export { parseSandboxProviderConfig, type SandboxProviderConfig } from "./config.ts";
export { type ImportedPayment, importPayments } from "./import.ts";
export { TOKENS } from "./tokens.ts";

export interface SandboxProvider extends Running {
  /** Origin of the API, `http://host:port`. */
  readonly url: string;
  readonly port: number;
  /** Where webhooks go from now on, for a receiver whose address was not known at the start. */
  sendWebhooksTo(url: string): void;
}

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Starts the provider on what its journal holds; webhooks that were not accepted before are sent again.
 * @throws ListenError when the address is taken, JournalError when the directory or the journal cannot be used.
 */
export const startSandboxProvider = (
  config: SandboxProviderConfig,
  { log, now = () => new Date() }: { log: Logger; now?: () => Date },
): Promise<SandboxProvider> =>
  startWithCleanup(async (cleanup) => {
    const { ledger, torn } = await openLedger(config.directory);
    cleanup.add(() => ledger.close());
    if (torn) log.warn("the journal's last line was torn by a crash before anybody was told of it: dropped it");

    const webhooks = createWebhookSender({
      url: config.webhookUrl,
      secret: config.webhookSecret,
      retry: config.webhookRetry ?? { firstMs: 500, maxMs: 30_000 },
      now,
      onDelivered: ({ id }) => ledger.markDelivered(id),
      log,
    });
    cleanup.add(() => webhooks.stop());

    let publicUrl = config.publicUrl?.replace(/\/+$/, "") ?? "";
    const stopping = new AbortController();
    const deps: ApiDeps = {
      ledger,
      webhooks,
      apiKey: config.apiKey,
      publicUrl: () => publicUrl,
      slowAnswerMs: config.slowAnswerMs ?? 3_000,
      lateWebhookMs: config.lateWebhookMs ?? 5_000,
      now,
      stopping: stopping.signal,
      log,
    };
    const metrics = createMetrics({ log, sources: [webhookSource(ledger)] });
    cleanup.add(() => metrics.stop());
    const logLevel = createLogLevelSwitch({ loggers: [log] });
    cleanup.add(() => logLevel.stop());
    const health = createHealth([{ name: "journal", check: () => ledger.flushed() }], [], log);
    const server = await startHttpServer({
      host: config.host,
      port: config.port,
      maxBodyBytes: MAX_BODY_BYTES,
      routes: [...health.routes, metrics.route, ...logLevel.routes, ...apiRoutes(deps), ...actionRoutes(deps)],
      log,
    });
    cleanup.add(() => server.stop());
    cleanup.add(() => {
      health.drain();
      stopping.abort();
    });
    publicUrl ||= server.url;

    const undelivered = ledger.undelivered();
    await settleInterrupted(deps);
    for (const webhook of undelivered) void webhooks.send(webhook);
    log.info({ url: server.url, undelivered: undelivered.length }, "sandbox payment provider is listening");
    return { url: server.url, port: server.port, sendWebhooksTo: (url: string) => webhooks.sendTo(url) };
  });

const UNDELIVERED = "supergraph_provider_webhooks_undelivered";

export const webhookSource = (ledger: Pick<Ledger, "undelivered">): MetricSource => ({
  name: "webhooks",
  metrics: [gauge(UNDELIVERED, "Webhooks that nobody has accepted yet.")],
  read: () => [{ metric: UNDELIVERED, value: ledger.undelivered().length }],
});
