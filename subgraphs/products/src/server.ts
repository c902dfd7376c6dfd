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
import { makeDecideReservations } from "./commands/decide-reservations.ts";
import { makeExpireReservations } from "./commands/expire-reservations.ts";
import { DEFAULT_EXPIRY_INTERVAL_MS, type ProductsConfig } from "./config.ts";
import { type Context, createCommands } from "./context.ts";
import * as schema from "./db/schema.ts";
import { subscriptions } from "./events.ts";
import { startExpiryJob } from "./expiry-job.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";

export { type ProductsConfig, parseProductsConfig } from "./config.ts";

const NAME = "products";

export interface ProductsDeps {
  readonly bus: Bus;
  readonly log: Logger;
  /** The database's clock unless given. */
  readonly now?: () => Date;
  /** Sees each SQL statement; for tests that count. */
  readonly onQuery?: (sql: string) => void;
}

/** Starts the subgraph on a database that is migrated. `url` ends in /graphql. */
export const startProductsSubgraph = (
  config: ProductsConfig,
  { bus, log, now: givenNow, onQuery }: ProductsDeps,
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

    const { db } = database;
    const transactions = createTransactions(database, { maxMessageBytes: config.maxMessageBytes });
    const { inTransaction } = transactions;
    const commands = createCommands({ db, inTransaction, now });
    const consumers = await startConsumers({
      bus,
      service: NAME,
      subscriptions: subscriptions({ decideReservations: makeDecideReservations({ now }) }),
      once: createInbox(transactions).once,
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
    const expiry = startExpiryJob({
      expireReservations: makeExpireReservations({ inTransaction, now }),
      intervalMs: config.expiryIntervalMs ?? DEFAULT_EXPIRY_INTERVAL_MS,
      log,
    });
    cleanup.add(() => expiry.stop());

    const server = await startSubgraphServer<Context>({
      name: NAME,
      host: config.host,
      port: config.port,
      typeDefs: await readFile(new URL("../schema.graphql", import.meta.url), "utf8"),
      resolvers,
      createContext: (caller) => ({ ...caller, db, commands, loaders: createLoaders(db) }),
      verifier: createRequestVerifier({ subgraph: NAME, keys: config.routerPublicKeys }),
      readiness: [{ name: "database", check: () => database.check() }],
      // Without it nothing is reserved, but the catalogue is browsed and the outbox keeps what has to be told.
      reported: [{ name: "bus", check: () => bus.check() }],
      metrics: [...messagingSources(NAME, { relay, bus }), poolSource({ [NAME]: database.use })],
      state: () => relayState(relay),
      outageOf,
      idleGraceMs: config.idleGraceMs,
      log,
    });
    cleanup.add(() => server.stop());
    return { url: server.url, port: server.port };
  });

/** Brings the database up to date; safe to repeat and to run several times at once. */
export const migrateProducts = (url: string): Promise<void> =>
  migrate({ url, folder: fileURLToPath(new URL("../migrations", import.meta.url)) });
