import type { Cause } from "@supergraph/messaging";

/** A command of the order, and the message that brought it. */
export interface Commanded {
  readonly orderId: string;
  readonly cause: Cause;
}
