import type { Queryable as AnyQueryable, Transaction as AnyTransaction } from "@supergraph/postgres";
import type * as schema from "./schema.ts";

export type Schema = typeof schema;
export type Transaction = AnyTransaction<Schema>;
export type Queryable = AnyQueryable<Schema>;
