import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { Pool } from "undici";
import { startEmbeddedPostgres } from "../packages/postgres/src/embedded.ts";
import {
  createRequestSigner,
  generateSigningKey,
  newId,
  ROUTER_SIGNATURE_HEADER,
} from "../packages/service/src/index.ts";
import type { FromOrders, ToOrders } from "./orders-process.ts";

/**
 * What placing an order costs: the orders subgraph in a process of its own on a real database that keeps what it
 * commits, driven by signed requests as the router sends them. Carts are filled before a round, so that
 * only `placeOrder` is measured; `DURABLE=0` takes the disk out of it. Figures of one run compare with each other only: alternate builds for a ratio.
 */
const ORDERS = Number(process.env.ORDERS ?? 2_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const CONCURRENCIES = (process.env.CONCURRENCY ?? "1,8,32").split(",").map(Number);
/** Lines of a cart. */
const LINES = Number(process.env.LINES ?? 2);
const VARIANTS = 100;

const PLACE_ORDER = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { order { id number status total { amount currency } } userErrors { code message } }
}`;

const directory = await mkdtemp(join(tmpdir(), "supergraph-bench-"));
const server = await startEmbeddedPostgres({ directory, databases: ["orders"], durable: process.env.DURABLE !== "0" });
const url = server.urls.orders;
const { privateJwk, publicJwks } = await generateSigningKey();
const signer = await createRequestSigner({ privateJwk });

const child = fork(fileURLToPath(new URL("orders-process.ts", import.meta.url)), {
  execArgv: ["--conditions=supergraph-source", "--import", "tsx"],
  env: {
    ...process.env,
    BENCH_DATABASE_URL: url,
    BENCH_PUBLIC_KEYS: JSON.stringify(publicJwks),
  },
});

const hear = async <Kind extends FromOrders["kind"]>(
  from: ChildProcess,
  kind: Kind,
): Promise<Extract<FromOrders, { kind: Kind }>> => {
  const [message] = (await once(from, "message")) as [FromOrders];
  if (message.kind !== kind) throw new Error(`Expected ${kind} of the orders process, got ${message.kind}.`);
  return message as Extract<FromOrders, { kind: Kind }>;
};

const ask = (question: ToOrders) => {
  const answer = hear(child, "usage");
  child.send(question);
  return answer;
};

/** Requests that each order a cart of its own. */
const prepare = async (sql: postgres.Sql) => {
  const users = Array.from({ length: ORDERS }, () => newId("usr"));
  const carts = users.map((userId) => ({ id: `crt_${userId.slice(4)}`, user_id: userId, created_at: new Date() }));
  const lines = carts.flatMap(({ id }, n) =>
    Array.from({ length: LINES }, (_, line) => ({
      id: newId("lin"),
      cart_id: id,
      variant_id: `var_${(n + line) % VARIANTS}`,
      quantity: 1,
    })),
  );
  for (let from = 0; from < carts.length; from += 5_000)
    await sql`insert into carts ${sql(carts.slice(from, from + 5_000))}`;
  for (let from = 0; from < lines.length; from += 5_000)
    await sql`insert into cart_lines ${sql(lines.slice(from, from + 5_000))}`;
  const expectedTotal = `${LINES * 10 + (LINES * 10 >= 50 ? 0 : 4.9)}`;
  return users.map((userId) => ({
    body: JSON.stringify({
      query: PLACE_ORDER,
      variables: {
        input: {
          idempotencyKey: newId("key"),
          shippingAddress: { line1: "Hauptstraße 1", city: "Berlin", postalCode: "10115", country: "DE" },
          paymentMethodToken: "tok_approve",
          expectedTotal,
        },
      },
    }),
    viewer: { userId, sessionId: null, roles: ["CUSTOMER"], scopes: [] },
  }));
};

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

interface Round {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly statements: number;
  readonly latencies: readonly number[];
}

const measure = async (sql: postgres.Sql, pool: Pool, concurrency: number): Promise<Round> => {
  const requests = await prepare(sql);
  await ask({ kind: "usage" });
  const latencies: number[] = [];
  let next = 0;
  const worker = async () => {
    for (let request = requests[next++]; request; request = requests[next++]) {
      const caller = { viewer: request.viewer, correlationId: newId("req") };
      // Here, since it is good for 30 seconds only.
      const signature = await signer.sign({ subgraph: "orders", body: request.body, caller });
      const from = performance.now();
      const { body } = await pool.request({
        method: "POST",
        path: "/graphql",
        headers: { "content-type": "application/json", [ROUTER_SIGNATURE_HEADER]: signature },
        body: request.body,
      });
      const text = await body.text();
      latencies.push(performance.now() - from);
      if (!text.includes('"status":"PENDING"')) throw new Error(`Expected an order, got ${text}`);
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - from) / 1_000;
  const { cpuMs, statements } = await ask({ kind: "usage" });
  return { perSecond: ORDERS / seconds, cpuMs: cpuMs / ORDERS, statements: statements / ORDERS, latencies };
};

const sql = postgres(url, { max: 2, onnotice: () => undefined });
try {
  const { origin } = await hear(child, "started");
  const prices = Array.from({ length: VARIANTS }, (_, n) => ({
    variant_id: `var_${n}`,
    product_id: "prd_1",
    sku: `SKU-${n}`,
    title: "Mug",
    price_minor: 1_000,
    currency: "EUR",
    weight_grams: 100,
    purchasable: true,
    version: 1,
  }));
  await sql`insert into variant_prices ${sql(prices)}`;
  const pool = new Pool(origin, { connections: Math.max(...CONCURRENCIES) });
  await measure(sql, pool, 8);
  const rounds = new Map<number, Round[]>(CONCURRENCIES.map((concurrency) => [concurrency, []]));
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [concurrency, done] of rounds) done.push(await measure(sql, pool, concurrency));
  process.stdout.write(`${ROUNDS} rounds of ${ORDERS} orders of ${LINES} lines; the median round\n`);
  for (const [concurrency, done] of rounds) {
    const median = (of: (round: Round) => number) => percentile(done.map(of), 0.5);
    const latencies = done.flatMap((round) => [...round.latencies]);
    process.stdout.write(
      `concurrency ${concurrency}: ${median(({ perSecond }) => perSecond).toFixed(0)} orders/s, ` +
        `p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(1)} ms, ` +
        `${median(({ cpuMs }) => cpuMs).toFixed(2)} CPU ms and ${median(({ statements }) => statements).toFixed(1)} statements an order\n`,
    );
  }
  await pool.close();
} finally {
  await sql.end();
  if (child.exitCode === null) {
    child.send({ kind: "stop" } satisfies ToOrders);
    await once(child, "exit");
  }
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
