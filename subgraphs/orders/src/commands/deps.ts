import type { Logger } from "@supergraph/service";
import type { CheckoutMeter } from "../checkout-meter.ts";
import type { Db, Tx } from "../db/connection.ts";
import type { SagaPolicy } from "../domain/saga-model.ts";
import type { Intake } from "../intake.ts";

/** What commands need of the world. */
export interface Deps {
  /** For what needs no transaction. */
  readonly db: Db;
  /** With connections of its own, for those who are refused: to be told so they are not to wait behind those who are not. */
  readonly dbOfRefused: Db;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly now: () => Date;
  readonly policy: SagaPolicy;
  readonly log: Logger;
  readonly intake: Pick<Intake, "admit" | "admitCart">;
  readonly checkouts: Pick<CheckoutMeter, "count">;
}
