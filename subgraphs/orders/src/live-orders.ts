import type { Bus } from "@supergraph/messaging";
import { LIVE_SUBJECT } from "./events.ts";

export interface LiveOrders {
  /** Watches one order from now on. */
  watch(orderId: string): OrderWatch;
  /** Ends every watch: subscriptions complete, so that their connections close. */
  stop(): Promise<void>;
}

export interface OrderWatch {
  /**
   * Resolves to true once the order changed since the last call, at once where it did already; to false when the watch
   * ended. However many changes nobody asked about are one, so a slow reader costs no memory.
   */
  changed(): Promise<boolean>;
  end(): void;
}

/** One listener on the bus for all subscriptions of this process. */
export const startLiveOrders = async (bus: Pick<Bus, "tail">): Promise<LiveOrders> => {
  const watches = new Map<string, Set<{ notify(): void; end(): void }>>();
  const stopListening = await bus.tail([LIVE_SUBJECT], ({ key }) => {
    for (const watch of watches.get(key) ?? []) watch.notify();
  });

  const watch = (orderId: string): OrderWatch => {
    let dirty = false;
    let ended = false;
    let wake = (): void => undefined;
    const entry = {
      notify() {
        dirty = true;
        wake();
      },
      end() {
        ended = true;
        const others = watches.get(orderId);
        others?.delete(entry);
        if (others?.size === 0) watches.delete(orderId);
        wake();
      },
    };
    watches.set(orderId, (watches.get(orderId) ?? new Set()).add(entry));
    return {
      async changed() {
        if (!dirty && !ended)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        dirty = false;
        return !ended;
      },
      end: () => entry.end(),
    };
  };

  return {
    watch,
    async stop() {
      for (const watch of [...watches.values()].flatMap((entries) => [...entries])) watch.end();
      await stopListening();
    },
  };
};
