import type { Database, Queryable, Transaction, Transactions } from "@supergraph/postgres";
import type * as schema from "./schema.ts";

export type ProductsDatabase = Database<typeof schema>;
export type ProductsTransactions = Transactions<typeof schema>;
export type Tx = Transaction<typeof schema>;
/**
 * A query function takes this: it runs on the pool and in a transaction alike. Such a function is `async` even where it
 * only returns a query: Drizzle's queries are not promises, each `then` sends them again, and GraphQL calls it twice.
 */
export type Db = Queryable<typeof schema>;
