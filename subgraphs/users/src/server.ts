import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Bus } from "@supergraph/messaging";
import { createTransactions, migrate, openDatabase, outageOf, startRelay } from "@supergraph/postgres";
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
import { createAccessTokens } from "./access-tokens.ts";
import type { UsersConfig } from "./config.ts";
import { type Context, createCommands } from "./context.ts";
import * as schema from "./db/schema.ts";
import { createLoaders } from "./loaders.ts";
import { createPasswordHasher, type PasswordHasher } from "./passwords.ts";
import { resolvers } from "./resolvers/index.ts";

export { type AccessTokenKeys, generateAccessTokenKeys } from "./access-tokens.ts";
export { parseUsersConfig, type UsersConfig } from "./config.ts";

const NAME = "users";

export interface UsersDeps {
  readonly bus: Bus;
  readonly log: Logger;
  readonly now?: () => Date;
  /** Sees each SQL statement; for tests that count. */
  readonly onQuery?: (sql: string) => void;
  readonly passwords?: PasswordHasher;
}

/** Starts the subgraph on a database that is migrated. `url` ends in /graphql. */
export const startUsersSubgraph = (
  config: UsersConfig,
  { bus, log, now = () => new Date(), onQuery, passwords: givenPasswords }: UsersDeps,
): Promise<Running & { url: string; port: number }> =>
  startWithCleanup(async (cleanup) => {
    const accessTokens = createAccessTokens(config.accessTokenKeys);
    const database = openDatabase({
      url: config.databaseUrl,
      schema,
      applicationName: NAME,
      onQuery,
    });
    cleanup.add(() => database.close());
    await database.check();

    const transactions = createTransactions(database, { maxMessageBytes: config.maxMessageBytes });
    const relay = await startRelay({
      database,
      transactions,
      publish: (message) => bus.publish(message),
      keptSince: () => bus.keptSince(NAME),
      log,
    });
    cleanup.add(() => relay.stop());

    const passwords = givenPasswords ?? (await createPasswordHasher());
    const { db } = database;
    const commands = createCommands({ db, inTransaction: transactions.inTransaction, passwords, accessTokens, now });
    const server = await startSubgraphServer<Context>({
      name: NAME,
      host: config.host,
      port: config.port,
      typeDefs: await readFile(new URL("../schema.graphql", import.meta.url), "utf8"),
      resolvers,
      createContext: (caller) => ({ ...caller, commands, loaders: createLoaders(db, caller.viewer) }),
      verifier: createRequestVerifier({ subgraph: NAME, keys: config.routerPublicKeys }),
      readiness: [{ name: "database", check: () => database.check() }],
      // Accounts and sessions work without it: the outbox keeps what has to be told.
      reported: [{ name: "bus", check: () => bus.check() }],
      metrics: [...messagingSources(NAME, { relay, bus }), poolSource({ [NAME]: database.use })],
      state: () => relayState(relay),
      outageOf,
      idleGraceMs: config.idleGraceMs,
      routes: [accessTokens.keySetRoute],
      log,
    });
    cleanup.add(() => server.stop());
    return { url: server.url, port: server.port };
  });

/** Brings the database up to date; safe to repeat and to run several times at once. */
export const migrateUsers = (url: string): Promise<void> =>
  migrate({ url, folder: fileURLToPath(new URL("../migrations", import.meta.url)) });
