import { orderEvents } from "@supergraph/contracts";
import { onBatch, type ReceivedEvent, type Subscription } from "@supergraph/messaging";
import type { makeDecideReservations, ReceivedCommand } from "./commands/decide-reservations.ts";
import type { Tx } from "./db/connection.ts";
import type { StockCommand } from "./domain/reservation-batch.ts";

/** What this subgraph listens to: the stock commands of the orders subgraph's checkout. */
export const subscriptions = (commands: {
  decideReservations: ReturnType<typeof makeDecideReservations>;
}): Subscription<Tx>[] => {
  const carryOut =
    <Data extends Pick<ReceivedCommand, "reservationId" | "orderId">>(toCommand: (data: Data) => StockCommand) =>
    (events: readonly ReceivedEvent<Data>[], tx: Tx): Promise<void> =>
      commands.decideReservations(
        tx,
        events.map(({ id, correlationId, data }) => ({
          reservationId: data.reservationId,
          orderId: data.orderId,
          command: toCommand(data),
          cause: { correlationId, causationId: id },
        })),
      );
  return [
    onBatch(
      orderEvents.reserveStock,
      carryOut(({ lines, expiresAt }) => ({ kind: "reserve", lines, expiresAt: new Date(expiresAt) })),
    ),
    onBatch(
      orderEvents.commitStock,
      carryOut(() => ({ kind: "commit" })),
    ),
    onBatch(
      orderEvents.releaseStock,
      carryOut(() => ({ kind: "release" })),
    ),
    onBatch(
      orderEvents.restockStock,
      carryOut(() => ({ kind: "restock" })),
    ),
  ];
};
