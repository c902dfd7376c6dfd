import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectNats,
  newMessage,
  on,
  onBatch,
  type ReceivedEvent,
  type Subscription,
  startConsumers,
} from "@supergraph/messaging";
import { startNatsServer } from "@supergraph/messaging/nats-server";
import {
  appendToOutbox,
  createInbox,
  createTransactions,
  inbox,
  isOutage,
  openDatabase,
  outbox,
  type Transaction,
} from "@supergraph/postgres";
import { startEmbeddedPostgres } from "@supergraph/postgres/embedded";
import { sql } from "drizzle-orm";
import { pgTable, text } from "drizzle-orm/pg-core";
import { z } from "zod";
import { migrateOrders } from "../subgraphs/orders/src/server.ts";

/**
 * Messages a second from a stream of NATS through inbox, work and outbox of a real Postgres with fsync, with a batch a
 * transaction and with a message a transaction. All variants take turns in one run, since the machine's own speed
 * varies: the ratios are what holds elsewhere too. CPU is this process's; Postgres and NATS come on top.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const MESSAGES = Number(process.env.MESSAGES ?? 5_000);

const effects = pgTable("effects", { id: text("id").primaryKey() });
const schema = { effects, inbox, outbox };
type Tx = Transaction<typeof schema>;

const happened = {
  type: "bench.thing.happened",
  version: 1,
  subject: "bench.thing.happened.v1",
  schema: z.object({ orderId: z.string(), lines: z.array(z.object({ variantId: z.string(), quantity: z.int() })) }),
};
type Happened = ReceivedEvent<z.output<typeof happened.schema>>;

const answerTo = ({ id, data, correlationId }: Happened) =>
  newMessage(
    { ...happened, subject: "bench.thing.answered.v1" },
    { id: `answer:${id}`, key: data.orderId, time: new Date(), correlationId, causationId: id, data },
  );

const work = async (events: readonly Happened[], tx: Tx): Promise<void> => {
  await tx.insert(effects).values(events.map(({ id }) => ({ id })));
  await appendToOutbox(tx, events.map(answerTo));
};

interface Variant {
  readonly name: string;
  readonly subscription: Subscription<Tx>;
  readonly maxBatch: number;
  readonly concurrency: number;
}

const ONE_BY_ONE = on(happened, (event, tx: Tx) => work([event], tx));
const BY_BATCH = onBatch(happened, work);

const variants: readonly Variant[] = [
  { name: "on, 1 a transaction, 16 at once", subscription: ONE_BY_ONE, maxBatch: 1, concurrency: 16 },
  { name: "on, 1 a transaction, 2 at once", subscription: ONE_BY_ONE, maxBatch: 1, concurrency: 2 },
  { name: "on, 100 a transaction, 2 at once", subscription: ONE_BY_ONE, maxBatch: 100, concurrency: 2 },
  { name: "on, 100 a transaction, 4 at once", subscription: ONE_BY_ONE, maxBatch: 100, concurrency: 4 },
  { name: "onBatch, 1 a transaction, 2 at once", subscription: BY_BATCH, maxBatch: 1, concurrency: 2 },
  { name: "onBatch, 100 a transaction, 1 at once", subscription: BY_BATCH, maxBatch: 100, concurrency: 1 },
  { name: "onBatch, 100 a transaction, 2 at once", subscription: BY_BATCH, maxBatch: 100, concurrency: 2 },
  { name: "onBatch, 100 a transaction, 4 at once", subscription: BY_BATCH, maxBatch: 100, concurrency: 4 },
];

const write = (line: string): void => void process.stdout.write(`${line}\n`);
const tell = (fields: object, message: string): void =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const log = { debug: () => undefined, info: () => undefined, warn: tell, error: tell };

const directory = await mkdtemp(join(tmpdir(), "supergraph-bench-"));
const postgres = await startEmbeddedPostgres({ directory: join(directory, "postgres"), databases: ["bench"] });
const nats = await startNatsServer({ directory: join(directory, "nats") });

const measure = async ({ subscription, maxBatch, concurrency }: Variant, round: string) => {
  const database = openDatabase({ url: postgres.urls.bench, schema, applicationName: "bench", max: 20 });
  const bus = await connectNats({ servers: nats.url, log, namespace: round, maxBatch, concurrency });
  try {
    await database.sql`truncate effects, inbox, outbox`;
    for (let index = 0; index < MESSAGES; index += 500) {
      await Promise.all(
        Array.from({ length: Math.min(500, MESSAGES - index) }, (_, offset) => {
          const orderId = `ord_${index + offset}`;
          const lines = [1, 2, 3].map((quantity) => ({ variantId: `var_${quantity}`, quantity }));
          const id = `${round}:${orderId}`;
          const cause = { correlationId: orderId, causationId: null };
          return bus.publish(
            newMessage(happened, { id, key: orderId, time: new Date(), ...cause, data: { orderId, lines } }),
          );
        }),
      );
    }
    const { once } = createInbox(createTransactions(database));
    const from = performance.now();
    const cpuFrom = process.cpuUsage();
    await startConsumers({ bus, service: "bench", subscriptions: [subscription], once, isOutage });
    while ((bus.stats()[0]?.handled ?? 0) < MESSAGES) await new Promise((resolve) => setTimeout(resolve, 5));
    const seconds = (performance.now() - from) / 1_000;
    const { user, system } = process.cpuUsage(cpuFrom);
    const [count] = await database.db.execute<{ effects: number; answers: number }>(
      sql`select (select count(*)::int from effects) as effects, (select count(*)::int from outbox) as answers`,
    );
    if (count?.effects !== MESSAGES || count.answers !== MESSAGES) throw new Error(`Wrong: ${JSON.stringify(count)}.`);
    return { perSecond: MESSAGES / seconds, cpuMicros: (user + system) / MESSAGES };
  } finally {
    await bus.stop();
    await database.close();
  }
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

try {
  await migrateOrders(postgres.urls.bench);
  const setUp = openDatabase({ url: postgres.urls.bench, schema, applicationName: "bench" });
  await setUp.sql`create table effects (id text primary key)`;
  await setUp.close();
  const results = new Map(variants.map(({ name }) => [name, [] as { perSecond: number; cpuMicros: number }[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, variant] of variants.entries()) {
      results.get(variant.name)?.push(await measure(variant, `r${round}v${index}`));
    }
  }
  const perSecondOf = (name: string) => median((results.get(name) ?? []).map(({ perSecond }) => perSecond));
  const before = perSecondOf(variants[0]?.name ?? "");
  write(`${MESSAGES} messages, median of ${ROUNDS} rounds; × the first line`);
  for (const { name } of variants) {
    const cpu = median((results.get(name) ?? []).map(({ cpuMicros }) => cpuMicros));
    const perSecond = perSecondOf(name);
    const [rate, ratio] = [perSecond.toFixed(0).padStart(6), (perSecond / before).toFixed(1).padStart(5)];
    write(`${name.padEnd(40)} ${rate} messages/s ${ratio} × ${cpu.toFixed(0).padStart(5)} µs CPU a message`);
  }
} finally {
  await nats.stop();
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
