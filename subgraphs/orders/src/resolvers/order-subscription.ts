import { badUserInput } from "@supergraph/service";
import type { Context } from "../context.ts";
import type { OrderRow } from "../db/schema.ts";
import { isTerminal } from "../domain/order.ts";

/** What of a context it takes. */
export interface OrderSource extends Pick<Context, "live" | "log"> {
  readonly loaders: {
    readonly order: { load(id: string): Promise<OrderRow | null> };
    forgetOrder(id: string): void;
  };
}

/**
 * The order now, and again whenever its status is another one, up to a terminal one. Ends when the client leaves, when
 * the process stops, also while it waits, and when the order cannot be read: the client then asks again.
 * @throws BAD_USER_INPUT when there is no such order for the viewer.
 */
export const watchOrder = async (
  orderId: string,
  { loaders, live, log }: OrderSource,
): Promise<AsyncIterableIterator<OrderRow>> => {
  // Before the first look at the order, so that no change falls between the two.
  const watch = live.watch(orderId);
  const load = () => {
    // A request's loaders remember; here the request outlives what they know.
    loaders.forgetOrder(orderId);
    return loaders.order.load(orderId);
  };
  const first = await load().catch((error: unknown) => {
    watch.end();
    throw error;
  });
  if (!first) {
    watch.end();
    throw badUserInput("There is no such order, or it is somebody else's.", "orderId");
  }

  let last: OrderRow | null = null;
  const next = async (): Promise<OrderRow | null> => {
    if (last === null) return first;
    if (isTerminal(last.status)) return null;
    while (await watch.changed()) {
      const order = await load();
      if (order?.status !== last.status) return order;
    }
    return null;
  };
  const finish = (): IteratorReturnResult<undefined> => {
    watch.end();
    return { done: true, value: undefined };
  };

  // Not a generator: `return()` of a generator that waits would itself wait for the next change.
  const orders: AsyncIterableIterator<OrderRow> = {
    async next() {
      try {
        last = await next();
      } catch (error) {
        log.warn({ err: error, orderId }, "could not follow an order any longer");
        return finish();
      }
      return last === null ? finish() : { done: false, value: last };
    },
    return: async () => finish(),
    [Symbol.asyncIterator]: () => orders,
  };
  return orders;
};
