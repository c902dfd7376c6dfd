import type { Database, Queryable, Transaction, Transactions } from "@supergraph/postgres";
import type * as schema from "./schema.ts";

export type ProductsDatabase = Database<typeof schema>;
export type ProductsTransactions = Transactions<typeof schema>;
export type Tx = Transaction<typeof schema>;
/** A query function takes this: it runs on the pool and in a transaction alike. */
export type Db = Queryable<typeof schema>;
