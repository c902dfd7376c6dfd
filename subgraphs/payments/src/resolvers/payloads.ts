import type { PaymentRow, RefundRow } from "../db/schema.ts";
import type { PaymentUserError } from "../generated/resolvers.ts";

/** What `PaymentPayload` is resolved from. */
export interface PaymentPayloadModel {
  readonly payment: PaymentRow | null;
  readonly refund: RefundRow | null;
  readonly userErrors: PaymentUserError[];
}

/** The order belongs to another subgraph: its id is all that is known here. */
export interface OrderReference {
  readonly id: string;
}
