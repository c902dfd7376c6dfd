import type { Transactions } from "@supergraph/postgres";
import type { AccessTokens } from "../access-tokens.ts";
import type { Db, Schema } from "../db/connection.ts";
import type { PasswordHasher } from "../passwords.ts";

export interface Deps {
  readonly db: Db;
  readonly inTransaction: Transactions<Schema>["inTransaction"];
  readonly passwords: PasswordHasher;
  readonly accessTokens: AccessTokens;
  readonly now: () => Date;
}
