import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Bus, startConsumers } from "@supergraph/messaging";
import {
  createInbox,
  createTransactions,
  isOutage,
  migrate,
  openDatabase,
  outageOf,
  startDatabaseClock,
  startRelay,
} from "@supergraph/postgres";
import {
  createRequestVerifier,
  type Logger,
  messagingSources,
  poolSource,
  type Running,
  relayState,
  startSubgraphServer,
  startWithCleanup,
} from "@supergraph/service";
import { makePruneRecords } from "./commands/prune-records.ts";
import { recordFindings } from "./commands/record-findings.ts";
import { makeRefundPayment } from "./commands/refund-payment.ts";
import { makeRunOperations } from "./commands/run-operations.ts";
import { takeWebhooks } from "./commands/take-webhooks.ts";
import { DEFAULT_PSP_CONCURRENCY, type PaymentsConfig } from "./config.ts";
import type { Context } from "./context.ts";
import type { Tx } from "./db/connection.ts";
import * as schema from "./db/schema.ts";
import { subscriptions } from "./events.ts";
import { createGroupCommit } from "./group-commit.ts";
import { createLoaders } from "./loaders.ts";
import { startOperationWorker } from "./operation-worker.ts";
import { createCircuit, observed } from "./provider/circuit.ts";
import { circuitSource } from "./provider/circuit-metrics.ts";
import { createHttpProvider } from "./provider/http-provider.ts";
import type { PaymentProvider } from "./provider/payment-provider.ts";
import { startPruningJob } from "./pruning-job.ts";
import { resolvers } from "./resolvers/index.ts";
import { webhookRoute } from "./webhook-route.ts";

export { type PaymentsConfig, parsePaymentsConfig } from "./config.ts";

const NAME = "payments";

/** Answers of the provider, or webhooks, that are recorded in one transaction. */
const GROUPS = { maxItems: 100, paceMs: { least: 5, most: 50 } };

export interface PaymentsDeps {
  readonly bus: Bus;
  readonly log: Logger;
  /** The database's clock unless given. */
  readonly now?: () => Date;
  /** Sees each SQL statement; for tests that count. */
  readonly onQuery?: (sql: string) => void;
  /** The HTTP provider of the configuration, unless given. */
  readonly provider?: PaymentProvider;
}

/**
 * Starts the subgraph on a migrated database: GraphQL at `url`, webhooks at `/webhooks/psp` of the same origin.
 * @throws ListenError when the address is taken.
 */
export const startPaymentsSubgraph = (
  config: PaymentsConfig,
  { bus, log, now: givenNow, onQuery, provider: givenProvider }: PaymentsDeps,
): Promise<Running & { url: string; port: number }> =>
  startWithCleanup(async (cleanup) => {
    const { psp, databaseUrl } = config;
    const database = openDatabase({
      url: databaseUrl,
      schema,
      applicationName: NAME,
      onQuery,
    });
    cleanup.add(() => database.close());
    await database.check();
    const clock = await startDatabaseClock({ database, log });
    cleanup.add(() => clock.stop());
    const now = givenNow ?? clock.now;

    const transactions = createTransactions(database, { maxMessageBytes: config.maxMessageBytes });
    const inbox = createInbox(transactions);

    const concurrency = psp.concurrency ?? DEFAULT_PSP_CONCURRENCY;
    const provider = givenProvider ?? createHttpProvider({ ...psp, connections: concurrency });
    cleanup.add(() => provider.close());
    const circuit = createCircuit({
      now,
      onDown: () => log.warn("the payment provider does not answer: operations wait until it does"),
      onRecovered() {
        log.info("the payment provider answers again");
        worker.wake();
      },
    });
    const run = makeRunOperations({
      database,
      provider: observed(provider, circuit),
      record: createGroupCommit({
        name: "record findings",
        run: (found) => transactions.inTransaction((tx) => recordFindings(tx, found, now())),
        ...GROUPS,
      }),
      requestsEndAfterMs: 2 * psp.timeoutMs,
      now,
      log,
    });
    const worker = startOperationWorker({
      database,
      run,
      concurrency,
      allowance: circuit.allowance,
      // An attempt makes at most two requests, and records what came of them. One that records later than that is made
      // again, under the same idempotency key; one whose process died waits for no longer.
      leaseMs: 2 * psp.timeoutMs + 4_000,
      now,
      log,
    });
    cleanup.add(() => worker.stop());

    const consumers = await startConsumers<Tx>({
      bus,
      service: NAME,
      subscriptions: subscriptions(now),
      once: async (messages, work) => {
        await inbox.once(messages, work);
        worker.wake();
      },
      isOutage,
    });
    cleanup.add(() => consumers.stop());
    const relay = await startRelay({
      database,
      transactions,
      publish: (message) => bus.publish(message),
      keptSince: () => bus.keptSince(NAME),
      log,
    });
    cleanup.add(() => relay.stop());

    const pruning = startPruningJob({ prune: makePruneRecords({ db: database.db, now }), log });
    cleanup.add(() => pruning.stop());

    const commands = { refundPayment: makeRefundPayment({ transactions, attempt: worker.attempt, now }) };
    const server = await startSubgraphServer<Context>({
      name: NAME,
      host: config.host,
      port: config.port,
      typeDefs: await readFile(new URL("../schema.graphql", import.meta.url), "utf8"),
      resolvers,
      createContext: (caller) => ({ ...caller, commands, loaders: createLoaders(database, caller.viewer) }),
      verifier: createRequestVerifier({ subgraph: NAME, keys: config.routerPublicKeys }),
      // Nor the provider: without it everything but new answers from it still works.
      readiness: [{ name: "database", check: () => database.check() }],
      // Payments are shown and refunded without it: the outbox keeps what has to be told.
      reported: [{ name: "bus", check: () => bus.check() }],
      metrics: [
        ...messagingSources(NAME, { relay, bus }),
        poolSource({ [NAME]: database.use }),
        circuitSource(circuit),
      ],
      state: () => relayState(relay),
      outageOf,
      idleGraceMs: config.idleGraceMs,
      routes: [
        webhookRoute({
          secret: psp.webhookSecret,
          take: createGroupCommit({
            name: "take webhooks",
            run: (webhooks) => transactions.inTransaction((tx) => takeWebhooks(tx, webhooks, now())),
            ...GROUPS,
          }),
          onTaken: worker.wake,
          now,
          log,
        }),
      ],
      log,
    });
    cleanup.add(() => server.stop());
    return { url: server.url, port: server.port };
  });

/** Brings the database up to date; safe to repeat and to run several times at once. */
export const migratePayments = (url: string): Promise<void> =>
  migrate({ url, folder: fileURLToPath(new URL("../migrations", import.meta.url)) });
