import { Pool } from "undici";
import { quantile } from "../statistics.ts";
import { type LoadOrder, type LoadResult, UNIQUE } from "./load.ts";

/**
 * Sends requests in a closed loop: each of `concurrency` connections has one in flight, and sends the next once it is
 * answered. In a process of its own, as the gateway's core is the gateway's. Takes a `LoadOrder` over IPC, answers it with a
 * `LoadResult`, and may be given another then.
 */
let sent = 0;
let unique = 0;

/** Of the length of a short token; no two are alike where each is to be unique. */
const authorizationOf = ({ authorization }: LoadOrder): string =>
  authorization === "unique" ? `Bearer ${(sent++).toString(36).padStart(40, "0")}` : `Bearer ${"0".repeat(40)}`;

const run = async (order: LoadOrder): Promise<LoadResult> => {
  const { origin, pathname: path } = new URL(order.url);
  const pool = new Pool(origin, { connections: order.concurrency, pipelining: 1 });
  const latencies: number[] = [];
  const until = performance.now() + order.durationMs;
  const templates = new Set(order.requests.filter(({ body }) => body.includes(UNIQUE)));
  let next = 0;
  let failed = 0;
  let failure: string | null = null;

  const fail = (reason: string): void => {
    failed += 1;
    failure ??= reason;
  };

  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const request = order.requests[next++ % order.requests.length];
      if (!request) throw new Error("There is nothing to send.");
      const began = performance.now();
      let status = 0;
      let bytes = 0;
      pool.dispatch(
        {
          path,
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/json",
            authorization: authorizationOf(order),
          },
          body: templates.has(request) ? request.body.replaceAll(UNIQUE, String(unique++)) : request.body,
        },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_, statusCode) => {
            status = statusCode;
          },
          onResponseData: (_, chunk) => {
            bytes += chunk.length;
          },
          onResponseEnd: () => {
            latencies.push(performance.now() - began);
            if (status !== 200) fail(`an answer with status ${status}`);
            else if (request.bytes !== null && bytes !== request.bytes)
              fail(`an answer of ${bytes} bytes where ${request.bytes} were expected`);
            resolve();
          },
          onResponseError: (_, error) => {
            fail(error.message);
            resolve();
          },
        },
      );
    });

  const loop = async (): Promise<void> => {
    while (performance.now() < until) await one();
  };
  await Promise.all(Array.from({ length: order.concurrency }, loop));
  await pool.close();
  const sorted = Float64Array.from(latencies).sort();
  return { operations: sorted.length, failed, failure, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
};

process.on("message", (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
