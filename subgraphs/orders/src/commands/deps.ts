import type { Logger } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import type { SagaPolicy } from "../domain/saga-model.ts";

/** What commands need of the world. */
export interface Deps {
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly now: () => Date;
  readonly policy: SagaPolicy;
  readonly log: Logger;
}
