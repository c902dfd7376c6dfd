import type { Bus, Consumer, Delivery } from "../bus.ts";
import { type Subscription, startConsumers } from "../events.ts";

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
