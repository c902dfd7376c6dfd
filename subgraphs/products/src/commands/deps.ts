import type { ProductsDatabase, ProductsTransactions } from "../db/connection.ts";

export interface Deps {
  readonly db: ProductsDatabase["db"];
  readonly inTransaction: ProductsTransactions["inTransaction"];
  readonly now: () => Date;
}
