import type { Queryable, Transaction } from "@supergraph/postgres";
import type * as schema from "./schema.ts";

/** The pool or a transaction. */
export type Db = Queryable<typeof schema>;

export type Tx = Transaction<typeof schema>;
