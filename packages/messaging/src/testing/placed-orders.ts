import { z } from "zod";
import type { Bus, Consumer, Delivery, Message } from "../bus.ts";
import { newMessage, type Subscription, startConsumers } from "../events.ts";

export const placed = {
  type: "orders.order.placed",
  version: 1,
  subject: "orders.order.placed.v1",
  schema: z.object({ orderId: z.string() }),
};

export const TRACE_A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
export const TRACE_B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
/** The span of whoever calls in these traces. */
export const CALLER = "00f067aa0ba902b7";
export const parentOf = (traceId: string, flags = "01") => ({ traceparent: `00-${traceId}-${CALLER}-${flags}` });

export const makePlaced = (
  id: string,
  cause: { causationId: string | null; headers?: Record<string, string> },
): Message =>
  newMessage(placed, { id, key: id, time: new Date(0), correlationId: "req_1", data: { orderId: id }, ...cause });

export const deliveryOfPlaced = (id: string, headers: Record<string, string>): Delivery => ({
  ...makePlaced(id, { causationId: null }),
  headers,
  attempt: 1,
});

/** Has `subscription` handle what a bus delivers to it at once, as a service's consumer that has seen none of it. */
export const handleAsConsumer = async (
  subscription: Subscription<null>,
  deliveries: readonly Delivery[],
): Promise<void> => {
  const consumers: Consumer[] = [];
  const bus: Pick<Bus, "consume"> = { consume: async (consumer) => void consumers.push(consumer) };
  await startConsumers<null>({
    bus: bus as Bus,
    service: "payments",
    subscriptions: [subscription],
    once: ({ messageIds }, work) => work(null, new Set(messageIds)),
    isOutage: () => false,
  });
  for (const consumer of consumers) await consumer.handle(deliveries);
};
