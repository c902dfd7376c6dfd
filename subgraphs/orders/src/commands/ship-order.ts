import { isId } from "@supergraph/service";
import { lockOrder } from "../db/sagas.ts";
import type { OrderRow } from "../db/schema.ts";
import { ship } from "../domain/order.ts";
import { lineProblem } from "../domain/text.ts";
import { changeOrder } from "./change-orders.ts";
import type { Deps } from "./deps.ts";

export type ShipOrderResult =
  | { readonly kind: "shipped"; readonly order: OrderRow }
  | { readonly kind: "invalid"; readonly path: readonly string[]; readonly message: string }
  | { readonly kind: "notFound" };

/** Records that the parcel is with the carrier. Safe to repeat with the same tracking number. */
export const makeShipOrder =
  ({ inTransaction, now, checkouts }: Pick<Deps, "inTransaction" | "now" | "checkouts">) =>
  async (command: { id: string; trackingNumber: string; correlationId: string }): Promise<ShipOrderResult> => {
    const trackingNumber = command.trackingNumber.trim();
    const problem = lineProblem(trackingNumber, { max: 100 });
    if (problem !== null)
      return { kind: "invalid", path: ["trackingNumber"], message: `The tracking number ${problem}` };
    if (!isId("ord", command.id)) return { kind: "notFound" };
    return inTransaction(async (tx) => {
      const locked = await lockOrder(tx, command.id);
      if (!locked) return { kind: "notFound" };
      const result = ship(locked.order, trackingNumber);
      if (result.kind === "notShippable") return { kind: "invalid", path: ["id"], message: result.message };
      if (result.kind === "alreadyShipped") return { kind: "shipped", order: locked.order };
      const order = await changeOrder(
        tx,
        locked,
        { saga: locked.saga, statusChange: { status: "SHIPPED", note: null }, commands: [], trackingNumber },
        { now: now(), cause: { correlationId: command.correlationId, causationId: null }, checkouts },
      );
      return { kind: "shipped", order };
    });
  };
