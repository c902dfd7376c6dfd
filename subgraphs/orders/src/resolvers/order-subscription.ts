import { badUserInput } from "@supergraph/service";
import type { Context } from "../context.ts";
import type { OrderRow } from "../db/schema.ts";
import { isTerminal } from "../domain/order.ts";

/**
 * The order now, and again whenever its status is another one, up to a terminal one. Ends when the client leaves or
 * the process stops, also while it waits. Hand-written rather than a generator: `return()` of a generator that waits
 * would itself wait for the next change.
 * @throws BAD_USER_INPUT when there is no such order for the viewer.
 */
export const watchOrder = (orderId: string, { loaders, live }: Context): AsyncIterableIterator<OrderRow> => {
  // Before the first look at the order, so that no change falls between the two.
  const watch = live.watch(orderId);
  let last: OrderRow | null = null;

  const next = async (): Promise<IteratorResult<OrderRow>> => {
    if (last !== null && isTerminal(last.status)) return finish();
    for (;;) {
      if (last !== null && !(await watch.changed())) return finish();
      loaders.forgetOrder(orderId);
      const order = await loaders.order.load(orderId);
      if (!order && last === null) throw badUserInput("There is no such order, or it is somebody else's.", "orderId");
      if (!order) return finish();
      if (order.status === last?.status) continue;
      last = order;
      return { done: false, value: order };
    }
  };
  const finish = (): IteratorReturnResult<undefined> => {
    watch.end();
    return { done: true, value: undefined };
  };

  return {
    async next() {
      try {
        return await next();
      } catch (error) {
        watch.end();
        throw error;
      }
    },
    return: async () => finish(),
    throw: async (error) => {
      watch.end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};
