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
import { checkoutSource, createCheckoutMeter } from "./checkout-meter.ts";
import { makeAdvanceSagas } from "./commands/advance-sagas.ts";
import type { OrdersConfig } from "./config.ts";
import { type Context, createCommands } from "./context.ts";
import * as schema from "./db/schema.ts";
import { startDeadlines } from "./deadlines.ts";
import { DEFAULT_LOAD_LIMITS } from "./domain/intake.ts";
import { DEFAULT_SAGA_POLICY } from "./domain/saga-timing.ts";
import { answersLoad, subscriptions } from "./events.ts";
import { intakeSource, outboxLoad, startIntake } from "./intake.ts";
import { startLiveOrders } from "./live-orders.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";
import { sagaSource } from "./saga-metrics.ts";

export { type OrdersConfig, parseOrdersConfig } from "./config.ts";

const NAME = "orders";
const DEADLINE_POLL_MS = 500;
const CONNECTIONS_FOR_REFUSED = 2;

export interface OrdersDeps {
  readonly bus: Bus;
  readonly log: Logger;
  /** The database's clock unless given. */
  readonly now?: () => Date;
  /** Sees each SQL statement; for tests that count. */
  readonly onQuery?: (sql: string) => void;
}

/** Starts the subgraph on a database that is migrated. `url` ends in /graphql. */
export const startOrdersSubgraph = (
  config: OrdersConfig,
  { bus, log, now: givenNow, onQuery }: OrdersDeps,
): Promise<Running & { url: string; port: number }> =>
  startWithCleanup(async (cleanup) => {
    const database = openDatabase({
      url: config.databaseUrl,
      schema,
      applicationName: NAME,
      onQuery,
    });
    cleanup.add(() => database.close());
    await database.check();
    const clock = await startDatabaseClock({ database, log });
    cleanup.add(() => clock.stop());
    const now = givenNow ?? clock.now;

    const forRefused = openDatabase({
      url: config.databaseUrl,
      schema,
      applicationName: NAME,
      max: CONNECTIONS_FOR_REFUSED,
      onQuery,
    });
    cleanup.add(() => forRefused.close());

    const transactions = createTransactions(database, { maxMessageBytes: config.maxMessageBytes });
    const { inTransaction } = transactions;
    const policy = { ...DEFAULT_SAGA_POLICY, ...config.saga };
    const checkouts = createCheckoutMeter();
    const sagas = makeAdvanceSagas({ now, policy, checkouts, log });
    const consumers = await startConsumers({
      bus,
      service: NAME,
      subscriptions: subscriptions(sagas),
      once: createInbox(transactions).once,
      isOutage,
    });
    cleanup.add(() => consumers.stop());
    const relay = await startRelay({
      database,
      transactions,
      publish: (message) => bus.publish(message),
      keptSince: () => bus.keptSince(NAME),
      ...(config.loadSampleMs === undefined ? {} : { gaugeMs: config.loadSampleMs }),
      log,
    });
    cleanup.add(() => relay.stop());
    const pollMs = config.deadlinePollMs ?? DEADLINE_POLL_MS;
    const deadlines = startDeadlines({ inTransaction, sagas, now, pollMs, log });
    cleanup.add(() => deadlines.stop());

    const { db } = database;
    const limits = { ...DEFAULT_LOAD_LIMITS, ...config.loadLimits };
    const intake = startIntake({
      samples: [async () => outboxLoad(relay.stats().outbox), () => answersLoad(bus)],
      limits,
      sampleEveryMs: config.loadSampleMs,
      log,
    });
    cleanup.add(() => intake.stop());
    const commands = createCommands({
      db,
      dbOfRefused: forRefused.db,
      inTransaction,
      now,
      policy,
      intake,
      checkouts,
      log,
    });
    const live = await startLiveOrders(bus);
    const server = await startSubgraphServer<Context>({
      name: NAME,
      host: config.host,
      port: config.port,
      typeDefs: await readFile(new URL("../schema.graphql", import.meta.url), "utf8"),
      resolvers,
      createContext: (caller) => ({
        ...caller,
        db,
        commands,
        live,
        loaders: createLoaders(db, caller.viewer),
        refusal: null,
      }),
      verifier: createRequestVerifier({ subgraph: NAME, keys: config.routerPublicKeys }),
      readiness: [{ name: "database", check: () => database.check() }],
      // Orders are accepted without it: the outbox keeps what has to be told.
      reported: [{ name: "bus", check: () => bus.check() }],
      metrics: [
        ...messagingSources(NAME, { relay, bus }),
        poolSource({ [NAME]: database.use, "orders-refused": forRefused.use }),
        sagaSource(db, now),
        checkoutSource(checkouts),
        intakeSource(intake),
      ],
      state: () => relayState(relay),
      outageOf,
      idleGraceMs: config.idleGraceMs,
      log,
    }).catch(async (error: unknown) => {
      await live.stop();
      throw error;
    });
    cleanup.add(() => server.stop());
    // Before the server, which waits for open connections: a subscription would otherwise hold it until it is cut.
    cleanup.add(() => live.stop());
    return { url: server.url, port: server.port };
  });

/** Brings the database up to date; safe to repeat and to run several times at once. */
export const migrateOrders = (url: string): Promise<void> =>
  migrate({ url, folder: fileURLToPath(new URL("../migrations", import.meta.url)) });
