import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { money, orderEvents } from "@supergraph/contracts";
import { type Contract, createInProcessBus, type Message, newMessage } from "@supergraph/messaging";
import { type SandboxProvider, startSandboxProvider } from "@supergraph/sandbox-provider/server";
import { createCleanup, newId, silentLogger } from "@supergraph/service";
import { createTestDatabase, createTestSigner } from "@supergraph/testing";
import postgres from "postgres";
import type { z } from "zod";
import { createHttpProvider } from "../provider/http-provider.ts";
import type { PaymentProvider } from "../provider/payment-provider.ts";
import { migratePayments, startPaymentsSubgraph } from "../server.ts";

export const WEBHOOK_SECRET = "whsec_0123456789abcdef";
const API_KEY = "sk_test_0123456789abcdef";

export interface HarnessOptions {
  readonly pspTimeoutMs?: number;
  readonly pspConcurrency?: number;
  readonly slowAnswerMs?: number;
  readonly lateWebhookMs?: number;
  /** False keeps the provider's webhooks back. */
  readonly webhooks?: boolean;
  /** Puts something between the subgraph and the real HTTP provider. */
  readonly intercept?: (provider: PaymentProvider) => PaymentProvider;
}

export interface ProviderView {
  readonly id: string;
  readonly status: string;
  readonly authorizedMinor: number;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly nextActionUrl: string | null;
}

/** The subgraph with a real database, the in-process bus and a real sandbox provider behind its own listener. */
export const startPayments = async (options: HarnessOptions = {}) => {
  const cleanup = createCleanup();
  const log = silentLogger();
  const database = await createTestDatabase({ migrate: migratePayments });
  cleanup.add(() => database.drop());
  const sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  cleanup.add(() => sql.end());
  const directory = await mkdtemp(join(tmpdir(), "payments-test-"));
  cleanup.add(() => rm(directory, { recursive: true, force: true }));

  const startProvider = (port: number, webhookUrl: string | null): Promise<SandboxProvider> =>
    startSandboxProvider(
      {
        host: "127.0.0.1",
        port,
        apiKey: API_KEY,
        webhookSecret: WEBHOOK_SECRET,
        webhookUrl,
        directory,
        publicUrl: null,
        logLevel: "silent",
        slowAnswerMs: options.slowAnswerMs ?? 600,
        lateWebhookMs: options.lateWebhookMs ?? 1_000,
        webhookRetry: { firstMs: 20, maxMs: 100 },
      },
      { log },
    );
  let sandbox: SandboxProvider | null = await startProvider(0, null);
  const { port, url: pspUrl } = sandbox;
  cleanup.add(() => sandbox?.stop());

  const bus = createInProcessBus({ log });
  const announced: Message[] = [];
  await bus.tail(["payments.payment.>"], (message) => announced.push(message));
  cleanup.add(() => bus.stop());

  const signer = await createTestSigner();
  const queries: string[] = [];
  const psp = {
    url: pspUrl,
    apiKey: API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    timeoutMs: options.pspTimeoutMs ?? 300,
    concurrency: options.pspConcurrency ?? 256,
  };
  const http = createHttpProvider({ ...psp, connections: psp.concurrency });
  const subgraph = await startPaymentsSubgraph(
    {
      host: "127.0.0.1",
      port: 0,
      databaseUrl: database.url,
      routerPublicKeys: signer.publicJwks,
      logLevel: "silent",
      psp,
    },
    { bus, log, onQuery: (query) => queries.push(query), provider: options.intercept?.(http) ?? http },
  );
  cleanup.add(() => subgraph.stop());
  const webhookUrl = subgraph.url.replace("/graphql", "/webhooks/psp");
  if (options.webhooks !== false) sandbox.sendWebhooksTo(webhookUrl);
  bus.open();

  const command = async <Schema extends z.ZodType>(
    contract: Contract<Schema>,
    data: z.output<Schema> & { orderId: string },
  ): Promise<void> =>
    bus.publish(
      newMessage(contract, {
        id: newId("evt"),
        key: data.orderId,
        time: new Date(),
        correlationId: "cor_test",
        causationId: null,
        data,
      }),
    );

  const inOrder = (orderId: string) => announced.filter(({ key }) => key === orderId);

  return {
    sql,
    databaseUrl: database.url,
    queries,
    bus,
    webhookUrl,
    client: signer.client(subgraph.url, "payments"),
    authorize: (orderId: string, paymentMethodToken: string, { customerId = newId("usr"), amountMinor = 1999n } = {}) =>
      command(orderEvents.authorizePayment, {
        orderId,
        customerId,
        amount: money(amountMinor),
        paymentMethodToken,
      }),
    capture: (orderId: string) => command(orderEvents.capturePayment, { orderId }),
    void: (orderId: string) => command(orderEvents.voidPayment, { orderId, reason: "test" }),
    refund: (orderId: string) =>
      command(orderEvents.refundPayment, { orderId, requestId: newId("req"), reason: "test" }),
    /** `["authorized", "captured"]`: what the subgraph told of this order's payment, in order. */
    told: (orderId: string): string[] => inOrder(orderId).map(({ envelope }) => envelope.type.split(".").at(-1) ?? ""),
    toldData: (orderId: string): unknown[] => inOrder(orderId).map(({ envelope }) => envelope.data),
    toldEnvelopes: (orderId: string) => inOrder(orderId).map(({ envelope }) => envelope),
    /** The provider's own view of the order's payments. */
    atProvider: async (orderId: string): Promise<ProviderView[]> => {
      const response = await fetch(`${pspUrl}/v1/payments?reference=${orderId}`, {
        headers: { authorization: `Bearer ${API_KEY}` },
      });
      return ((await response.json()) as { data: ProviderView[] }).data;
    },
    stopProvider: async () => {
      await sandbox?.stop();
      sandbox = null;
    },
    startProvider: async () => {
      sandbox = await startProvider(port, options.webhooks === false ? null : webhookUrl);
    },
    stop: () => cleanup.run(),
  };
};

export type PaymentsHarness = Awaited<ReturnType<typeof startPayments>>;
