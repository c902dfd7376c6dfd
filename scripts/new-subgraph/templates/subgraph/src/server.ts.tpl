import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createTransactions, migrate, openDatabase, outageOf } from "@supergraph/postgres";
import {
  createRequestVerifier,
  type Logger,
  poolSource,
  type Running,
  type SubgraphConfig,
  startSubgraphServer,
  startWithCleanup,
} from "@supergraph/service";
import { makeCreate{{Entity}} } from "./commands/create-{{entity-file}}.ts";
import type { Context } from "./context.ts";
import * as schema from "./db/schema.ts";
import { createLoaders } from "./loaders.ts";
import { resolvers } from "./resolvers/index.ts";

export { parse{{Name}}Config } from "./config.ts";

const NAME = "{{name}}";

export interface {{Name}}Deps {
  readonly log: Logger;
  readonly now?: () => Date;
  /** Sees each SQL statement; for tests that count. */
  readonly onQuery?: (sql: string) => void;
}

/**
 * Starts the subgraph on a database that is migrated. `url` ends in /graphql.
 * @throws ListenError when the address is taken.
 */
export const start{{Name}}Subgraph = (
  config: SubgraphConfig,
  { log, now = () => new Date(), onQuery }: {{Name}}Deps,
): Promise<Running & { url: string; port: number }> =>
  startWithCleanup(async (cleanup) => {
    const database = openDatabase({ url: config.databaseUrl, schema, applicationName: NAME, onQuery });
    cleanup.add(() => database.close());
    await database.check();

    const { db } = database;
    const { inTransaction } = createTransactions(database);
    const commands = { create{{Entity}}: makeCreate{{Entity}}({ inTransaction, now }) };
    const server = await startSubgraphServer<Context>({
      name: NAME,
      host: config.host,
      port: config.port,
      typeDefs: await readFile(new URL("../schema.graphql", import.meta.url), "utf8"),
      resolvers,
      createContext: (caller) => ({ ...caller, commands, loaders: createLoaders(db) }),
      verifier: createRequestVerifier({ subgraph: NAME, keys: config.routerPublicKeys }),
      readiness: [{ name: "database", check: () => database.check() }],
      metrics: [poolSource({ [NAME]: database.use })],
      outageOf,
      idleGraceMs: config.idleGraceMs,
      log,
    });
    cleanup.add(() => server.stop());
    return { url: server.url, port: server.port };
  });

/** Brings the database up to date; safe to repeat and to run several times at once. */
export const migrate{{Name}} = (url: string): Promise<void> =>
  migrate({ url, folder: fileURLToPath(new URL("../migrations", import.meta.url)) });
