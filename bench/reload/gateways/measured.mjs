import { monitorEventLoopDelay } from "node:perf_hooks";

/**
 * Tells over IPC where a gateway answers, and then does as it is told: `reset` begins to measure how long the event loop is
 * kept from answering, `read` answers the longest such time in milliseconds, and anything else is the file of the supergraph
 * to serve from now on, answered once it does with the milliseconds that this took.
 *
 * @param {{ url: string, reload: (path: string) => Promise<void> }} gateway
 */
export const serveOrders = ({ url, reload }) => {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on("message", async ({ order }) => {
    if (order === "reset") {
      delay.reset();
      process.send({ ms: 0 });
    } else if (order === "read") process.send({ ms: delay.max / 1e6 });
    else {
      const began = performance.now();
      await reload(order);
      process.send({ ms: performance.now() - began });
    }
  });
  process.send({ url });
};
