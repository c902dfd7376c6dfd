import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connectNats } from "@supergraph/messaging";
import { findNatsServer, startNatsServer } from "@supergraph/messaging/nats-server";
import {
  createTransactions,
  type Database,
  migrate,
  type OutboxMessage,
  openDatabase,
  startRelay,
} from "@supergraph/postgres";
import { startEmbeddedPostgres } from "@supergraph/postgres/embedded";

/**
 * Outbox rows a second, of a real Postgres with fsync, that the relay publishes and marks: with a broker that takes
 * everything at once, which leaves the relay's own cost, and with NATS JetStream on disk. The floor is a relay that takes
 * one row, publishes and marks it. All variants take turns in one run, since the machine's own speed varies: the ratios
 * are what holds elsewhere too. CPU is this process's; Postgres and NATS come on top.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const ROWS = Number(process.env.ROWS ?? 20_000);
const ROWS_ONE_BY_ONE = Math.ceil(ROWS / 20);
/** Messages of one order, which have to keep their order. */
const ROWS_PER_KEY = 4;

type Publish = (message: OutboxMessage) => Promise<void>;
type Shop = Database<Record<string, never>>;

/** As orders writes them: some 700 bytes each. */
const fill = async ({ sql }: Shop, rows: number): Promise<void> => {
  await sql`truncate outbox`;
  await sql`
    insert into outbox (message_id, subject, key, envelope, headers)
    select 'evt_' || gen_random_uuid(), 'orders.stock.reserve.v1', 'ord_' || n / ${ROWS_PER_KEY}, jsonb_build_object(
      'id', 'evt_' || gen_random_uuid(), 'type', 'orders.stock.reserve', 'version', 1, 'time', now(), 'correlationId',
      'req_' || gen_random_uuid(), 'causationId', null, 'data', jsonb_build_object('orderId', 'ord_' || n / ${ROWS_PER_KEY},
      'lines', (select jsonb_agg(jsonb_build_object('variantId', 'var_' || gen_random_uuid(), 'quantity', line, 'title',
      'A thing of some ' || line, 'price', jsonb_build_object('minorUnits', '1999', 'currency', 'EUR')))
      from generate_series(1, 4) as line))),
      '{"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}'
    from generate_series(1, ${rows}::int) as n`;
  await sql`vacuum analyze outbox`;
  await sql`checkpoint`.catch(() => undefined);
};

const oneByOne = async ({ sql }: Shop, publish: Publish): Promise<void> => {
  for (;;) {
    const [row] = await sql<(OutboxMessage & { position: string })[]>`
      select position, subject, key, envelope, headers from outbox
      where published_at is null order by position limit 1`;
    if (!row) return;
    await publish(row);
    await sql`update outbox set published_at = now() where position = ${row.position}`;
  }
};

const relayed = async (database: Shop, publish: Publish): Promise<void> => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const relay = await startRelay({ database, transactions: createTransactions(database), publish, log });
  for (let left = true; left; ) {
    await pause(2);
    if (relay.stats().inFlight > 0) continue;
    const [row] = await database.sql`select from outbox where published_at is null limit 1`;
    left = row !== undefined;
  }
  await relay.stop();
};

interface Figure {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

const measure = async (database: Shop, rows: number, run: () => Promise<void>): Promise<Figure> => {
  await fill(database, rows);
  const cpuBefore = process.cpuUsage();
  const from = performance.now();
  await run();
  const seconds = (performance.now() - from) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: rows / seconds, cpuMicroseconds: (user + system) / rows };
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const directory = await mkdtemp(join(tmpdir(), "supergraph-relay-bench-"));
const postgres = await startEmbeddedPostgres({ directory: join(directory, "postgres"), databases: ["orders"] });
const folder = fileURLToPath(new URL("../subgraphs/orders/migrations", import.meta.url));
await migrate({ url: postgres.urls.orders, folder });
const database = openDatabase({
  url: postgres.urls.orders,
  schema: {},
  applicationName: "bench",
  limits: { statementMs: 0 },
});
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const nats = findNatsServer() ? await startNatsServer({ directory: join(directory, "nats") }) : null;
const bus = nats ? await connectNats({ servers: nats.url, log }) : null;

const brokers: readonly { name: string; publish: Publish }[] = [
  { name: "a broker that takes all at once", publish: async () => undefined },
  ...(bus ? [{ name: "NATS JetStream", publish: bus.publish }] : []),
];
const variants = brokers.flatMap(({ name, publish }) => [
  {
    name: `${name}: one by one`,
    rows: ROWS_ONE_BY_ONE,
    run: () => oneByOne(database, publish),
    figures: [] as Figure[],
  },
  { name: `${name}: the relay`, rows: ROWS, run: () => relayed(database, publish), figures: [] as Figure[] },
]);

for (let round = 0; round < ROUNDS; round += 1)
  for (const { rows, run, figures } of variants) figures.push(await measure(database, rows, run));

for (const { name, figures } of variants) {
  const perSecond = median(figures.map((figure) => figure.perSecond));
  const cpu = median(figures.map((figure) => figure.cpuMicroseconds));
  process.stdout.write(`${name}: ${perSecond.toFixed(0)} rows/s, ${cpu.toFixed(0)} µs CPU a row\n`);
}

await bus?.stop();
await nats?.stop();
await database.close();
await postgres.stop();
await rm(directory, { recursive: true, force: true });
