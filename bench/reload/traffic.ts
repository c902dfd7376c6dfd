import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";

export interface Subgraph {
  readonly url: string;
  stop(): Promise<void>;
}

/** Stands for all subgraphs: knows the answer to the small query, and nothing else. */
export const startSubgraph = async (): Promise<Subgraph> => {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(body.includes("Small") ? `{"data":{"entity0x0":{"id":"1","name":"one"}}}` : `{"data":{}}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export interface Taken {
  /** Milliseconds that each request has taken which was answered. */
  readonly latencies: readonly number[];
  /** Requests whose connection was closed on them. */
  readonly lost: number;
}

export interface Traffic {
  /** What became of requests since this was last called. */
  take(): Taken;
  /** @throws Error when a request got another answer than it has to get. */
  stop(): Promise<void>;
}

const EVERY_MS = 10;

/** One request every 10 ms, also while others still wait: who comes while nobody is answered is to be counted. */
export const startTraffic = (url: string, query: string): Traffic => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin);
  let latencies: number[] = [];
  let lost = 0;
  let failure: Error | undefined;
  const waiting = new Set<Promise<void>>();

  const ask = async (): Promise<void> => {
    const began = performance.now();
    const { statusCode, text } = await post(pool, pathname, query);
    latencies.push(performance.now() - began);
    if (statusCode !== 200 || !text.includes('"one"'))
      failure ??= new Error(`A request was answered with ${statusCode}: ${text}`);
  };
  const timer = setInterval(() => {
    const asked: Promise<void> = ask()
      // A server whose event loop stood still for longer than it keeps connections closes them when it goes on.
      .catch(() => {
        lost += 1;
      })
      .finally(() => waiting.delete(asked));
    waiting.add(asked);
  }, EVERY_MS);
  // A bench that failed is to end.
  timer.unref();

  return {
    take() {
      const taken = { latencies, lost };
      latencies = [];
      lost = 0;
      return taken;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(waiting);
      await pool.close();
      if (failure) throw failure;
    },
  };
};

/** Asks each once: from then on a gateway has them in use. */
export const askEach = async (url: string, queries: readonly string[]): Promise<void> => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 1 });
  for (const query of queries) {
    const { statusCode, text } = await post(pool, pathname, query);
    if (statusCode !== 200) throw new Error(`An operation was refused with ${statusCode}: ${text}`);
  }
  await pool.close();
};

const post = async (pool: Pool, path: string, query: string): Promise<{ statusCode: number; text: string }> => {
  const { statusCode, body } = await pool.request({
    path,
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ query }),
  });
  return { statusCode, text: await body.text() };
};
