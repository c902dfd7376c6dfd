import type { CallerContext } from "@supergraph/service";
import { makeCancelOrder } from "./commands/cancel-order.ts";
import type { Deps } from "./commands/deps.ts";
import { makePlaceOrder } from "./commands/place-order.ts";
import { makeSetCartLine } from "./commands/set-cart-line.ts";
import { makeShipOrder } from "./commands/ship-order.ts";
import type { Db } from "./db/connection.ts";
import type { Refusal } from "./intake.ts";
import type { LiveOrders } from "./live-orders.ts";
import type { Loaders } from "./loaders.ts";

export const createCommands = (deps: Deps) => ({
  setCartLine: makeSetCartLine(deps),
  placeOrder: makePlaceOrder(deps),
  cancelOrder: makeCancelOrder(deps),
  shipOrder: makeShipOrder(deps),
});

export type Commands = ReturnType<typeof createCommands>;

export interface Context extends CallerContext {
  readonly db: Db;
  readonly commands: Commands;
  readonly loaders: Loaders;
  readonly live: LiveOrders;
  /** Of a cart that this request wanted to fill. */
  refusal: Refusal | null;
}
