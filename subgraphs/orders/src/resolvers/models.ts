import type { Connection } from "@supergraph/service";
import type { OrderRow } from "../db/schema.ts";

/** A cart needs no row: its id follows from its owner's, and its lines are loaded by it. */
export interface CartModel {
  readonly id: string;
}

/** A reference to somebody in the users subgraph. */
export interface UserModel {
  readonly id: string;
}

/** A reference to a variant: what an order or cart knows of it, or what the router brings along. */
export interface VariantModel {
  readonly id: string;
  readonly sku?: string;
  readonly weightGrams?: number;
}

export interface OrderConnectionModel extends Connection<OrderRow> {
  /** Asked only when the client asks. */
  readonly count: () => Promise<number>;
}
