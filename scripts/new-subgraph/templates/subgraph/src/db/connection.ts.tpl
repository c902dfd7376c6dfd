import type { Queryable, Transaction } from "@supergraph/postgres";
import type * as schema from "./schema.ts";

export type Schema = typeof schema;

/** The pool or a transaction. */
export type Db = Queryable<Schema>;

export type Tx = Transaction<Schema>;
