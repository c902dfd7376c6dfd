import { orderEvents } from "@supergraph/contracts";
import { on, type ReceivedEvent, type Subscription } from "@supergraph/messaging";
import type { makeDecideReservation, StockCommand } from "./commands/decide-reservation.ts";
import type { Tx } from "./db/connection.ts";

/** What this subgraph listens to: the stock commands of the orders subgraph's checkout. */
export const subscriptions = (commands: {
  decideReservation: ReturnType<typeof makeDecideReservation>;
}): Subscription<Tx>[] => {
  const carryOut =
    <Data extends { reservationId: string; orderId: string }>(toCommand: (data: Data) => StockCommand) =>
    ({ id, correlationId, data }: ReceivedEvent<Data>, tx: Tx): Promise<void> => {
      const { reservationId, orderId } = data;
      return commands.decideReservation(tx, { reservationId, orderId }, toCommand(data), {
        correlationId,
        causationId: id,
      });
    };
  return [
    on(
      orderEvents.reserveStock,
      carryOut(({ lines, expiresAt }) => ({ kind: "reserve", lines, expiresAt: new Date(expiresAt) })),
    ),
    on(
      orderEvents.commitStock,
      carryOut(() => ({ kind: "commit" })),
    ),
    on(
      orderEvents.releaseStock,
      carryOut(() => ({ kind: "release" })),
    ),
    on(
      orderEvents.restockStock,
      carryOut(() => ({ kind: "restock" })),
    ),
  ];
};
