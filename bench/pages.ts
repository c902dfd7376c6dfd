import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createProgress } from "../embedded/src/progress.ts";
import { signIns } from "../embedded/src/seed/people.ts";
import type { SubgraphName } from "../embedded/src/subgraphs.ts";
import { startEmbeddedSupergraph } from "../embedded/src/supergraph.ts";

/**
 * Two pages that a frontend shows, through the whole supergraph in one process: latency, and SQL statements by subgraph.
 * Each page of twenty is measured beside the same page of one, in alternation, since the machine's own speed varies.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 200);
const WARM_UP = 30;
const PORT = Number(process.env.PORT ?? 4700);

const operation = (path: string): Promise<string> =>
  readFile(new URL(`../schema/operations/${path}`, import.meta.url), "utf8");

const statements = new Map<string, number>();
const count = (subgraph: SubgraphName, sql: string): void => {
  // What the services do by themselves is not the page's.
  if (/outbox|inbox|sagas|operations|webhook_events|for update|^(insert|update|delete)/i.test(sql)) return;
  statements.set(subgraph, (statements.get(subgraph) ?? 0) + 1);
};

const dataDirectory = await mkdtemp(join(tmpdir(), "supergraph-bench-"));
const supergraph = await startEmbeddedSupergraph(
  { host: "127.0.0.1", port: PORT, dataDirectory, logLevel: "warn", bus: "auto" },
  createProgress(process.stderr),
  { onQuery: count },
);

const ask = async (query: string, variables: object, token?: string): Promise<{ data: Record<string, unknown> }> => {
  const response = await fetch(supergraph.endpoint, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer;
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(sorted.length * share)] ?? Number.NaN;

const measure = async (name: string, page: (first: number) => Promise<unknown>): Promise<void> => {
  for (let round = 0; round < WARM_UP; round += 1) await page(20);
  const times: Record<number, number[]> = { 1: [], 20: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const size of [1, 20]) {
      const from = performance.now();
      await page(size);
      times[size]?.push(performance.now() - from);
    }
  }
  statements.clear();
  for (let round = 0; round < 10; round += 1) await page(20);
  const ofTwenty = (times[20] ?? []).sort((a, b) => a - b);
  const ofOne = (times[1] ?? []).sort((a, b) => a - b);
  const p50 = percentile(ofTwenty, 0.5);
  const perPage = [...statements].map(([subgraph, total]) => `${subgraph} ${total / 10}`).join(", ");
  process.stdout.write(
    `${name}\n  page of 20: p50 ${p50.toFixed(1)} ms, p95 ${percentile(ofTwenty, 0.95).toFixed(1)} ms; page of 1: p50 ${percentile(ofOne, 0.5).toFixed(1)} ms; ratio ${(p50 / percentile(ofOne, 0.5)).toFixed(2)}\n  SQL statements a page of 20: ${perPage}\n`,
  );
};

try {
  const { email, password } = signIns.customer;
  const { data } = await ask(await operation("storefront/SignIn.graphql"), { input: { email, password } });
  const token = (data.login as { accessToken: string }).accessToken;
  const products = await operation("storefront/ProductList.graphql");
  const orders = await operation("storefront/MyOrders.graphql");
  process.stdout.write(`${ROUNDS} rounds, one request at a time\n`);
  await measure("products with variants and availability, as a guest", (first) => ask(products, { first }));
  await measure("me { orders with lines, variants, payment }, as a customer", (first) => ask(orders, { first }, token));
  process.stdout.write(`memory of this process: ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB\n`);
} finally {
  await supergraph.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}
