import { eventually } from "@supergraph/testing";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "./database.ts";
import { appendToOutbox, type OutboxMessage } from "./outbox.ts";
import { type Relay, type RelayOptions, startRelay } from "./relay.ts";
import { aMessage, type Fixture, openFixture, recordingLog, schema, type TestSchema } from "./testing/fixture.ts";
import { createTransactions } from "./transactions.ts";

describe("the relay", () => {
  let fixture: Fixture;
  let cleanup: (() => Promise<void>)[];

  beforeEach(async () => {
    fixture = await openFixture();
    cleanup = [];
  });

  afterEach(async () => {
    for (const step of cleanup.reverse()) await step();
    await fixture.close();
  });

  const start = async (options: Partial<RelayOptions<TestSchema>> = {}): Promise<Relay> => {
    const { database, transactions } = fixture;
    const relay = await startRelay({
      database,
      transactions,
      publish: async () => undefined,
      log: recordingLog(),
      backoff: { firstMs: 20, maxMs: 100 },
      ...options,
    });
    cleanup.push(relay.stop);
    return relay;
  };

  const append = (...messages: OutboxMessage[]) =>
    fixture.transactions.inTransaction((tx) => appendToOutbox(tx, messages));

  const unpublished = async (): Promise<string[]> => {
    const rows = await fixture.database.sql<{ id: string }[]>`
      select message_id as id from outbox where published_at is null order by position`;
    return rows.map(({ id }) => id);
  };

  it("publishes a message as it was appended, and marks it", async () => {
    const published: OutboxMessage[] = [];
    await start({ publish: async (message) => void published.push(message) });
    const message = aMessage({ data: { title: "Käse 🧀", quotes: '"\\"', nothing: null, minorUnits: "1999" } });
    await append(message);
    await eventually(async () => expect(await unpublished()).toEqual([]));
    expect(published).toEqual([message]);
  });

  it("publishes what was appended while no relay ran", async () => {
    const published: string[] = [];
    await append(aMessage({ id: "evt_before" }));
    await start({ publish: async ({ envelope }) => void published.push(envelope.id) });
    await eventually(() => expect(published).toEqual(["evt_before"]));
  });

  it("publishes what another process committed", async () => {
    const published: string[] = [];
    await start({ publish: async ({ envelope }) => void published.push(envelope.id) });
    const other = openDatabase({ url: fixture.testDatabase.url, schema, applicationName: "other" });
    cleanup.push(() => other.close());
    await createTransactions(other).inTransaction((tx) => appendToOutbox(tx, [aMessage({ id: "evt_other" })]));
    await eventually(() => expect(published).toEqual(["evt_other"]));
  });

  it("publishes nothing of a transaction that is rolled back", async () => {
    const published: string[] = [];
    await start({ publish: async ({ envelope }) => void published.push(envelope.id) });
    const rolledBack = fixture.transactions.inTransaction(async (tx) => {
      await appendToOutbox(tx, [aMessage({ id: "evt_undone" })]);
      throw new Error("changed my mind");
    });
    await expect(rolledBack).rejects.toThrow("changed my mind");
    await append(aMessage({ id: "evt_done" }));
    await eventually(async () => expect(await unpublished()).toEqual([]));
    expect(published).toEqual(["evt_done"]);
  });

  it("publishes a message that is appended twice once", async () => {
    const published: string[] = [];
    await start({ publish: async ({ envelope }) => void published.push(envelope.id) });
    await append(aMessage({ id: "reserve:res_1" }), aMessage({ id: "reserve:res_1" }));
    await append(aMessage({ id: "reserve:res_1" }));
    await append(aMessage({ id: "evt_last" }));
    await eventually(() => expect(published).toContain("evt_last"));
    expect(published.filter((id) => id === "reserve:res_1")).toHaveLength(1);
  });

  it("publishes messages of one key in the order of appending, one after another, and different keys at the same time", async () => {
    const order = new Map<string, number[]>();
    const runningByKey = new Map<string, number>();
    let most = 0;
    let overlaps = 0;
    await start({
      async publish({ key, envelope }) {
        const running = (runningByKey.get(key) ?? 0) + 1;
        runningByKey.set(key, running);
        if (running > 1) overlaps += 1;
        most = Math.max(
          most,
          [...runningByKey.values()].reduce((sum, n) => sum + n),
        );
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        order.set(key, [...(order.get(key) ?? []), Number(envelope.data)]);
        runningByKey.set(key, running - 1);
      },
    });
    const messages = Array.from({ length: 600 }, (_, n) => aMessage({ key: `key_${n % 20}`, data: n }));
    for (let from = 0; from < messages.length; from += 50) await append(...messages.slice(from, from + 50));
    await eventually(async () => expect(await unpublished()).toEqual([]));
    expect(overlaps).toBe(0);
    expect(most).toBeGreaterThan(1);
    for (let key = 0; key < 20; key += 1)
      expect(order.get(`key_${key}`)).toEqual(Array.from({ length: 30 }, (_, n) => n * 20 + key));
  });

  it("retries a failed publish before it goes on with its key, and holds up no other key", async () => {
    const published: string[] = [];
    let failures = 0;
    let fails = true;
    const relay = await start({
      async publish({ envelope }) {
        if (fails && envelope.id === "evt_a1") {
          failures += 1;
          throw new Error("broker is down");
        }
        published.push(envelope.id);
      },
    });
    await append(
      aMessage({ id: "evt_a1", key: "a" }),
      aMessage({ id: "evt_a2", key: "a" }),
      aMessage({ id: "evt_b", key: "b" }),
    );
    await eventually(() => expect(failures).toBeGreaterThan(2));
    expect(published).toEqual(["evt_b"]);
    expect(await unpublished()).toEqual(["evt_a1", "evt_a2"]);
    fails = false;
    await eventually(() => expect(published).toEqual(["evt_b", "evt_a1", "evt_a2"]));
    await eventually(async () => expect(await unpublished()).toEqual([]));
    expect(relay.stats()).toMatchObject({ leader: true, inFlight: 0, published: 3, failed: failures });
  });

  it("holds no transaction while it publishes", async () => {
    let finish = () => {};
    await start({ publish: () => new Promise((resolve) => (finish = resolve)) });
    await append(aMessage());
    await eventually(async () => {
      const [row] = await fixture.database.sql`
        select count(*)::int as open from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%'`;
      expect(row?.open).toBe(0);
    });
    finish();
  });

  it("says loudly each time that a message cannot be published as it is, keeps it, and publishes it once it can be", async () => {
    const log = recordingLog();
    const refused: string[] = [];
    const published: string[] = [];
    let takesLargeOnes = false;
    await start({
      log,
      async publish({ envelope }) {
        if (envelope.id === "large" && !takesLargeOnes) {
          refused.push(envelope.id);
          throw Object.assign(new Error("Too large."), { permanent: true });
        }
        published.push(envelope.id);
      },
    });
    await append(
      aMessage({ id: "large", key: "ord_1" }),
      aMessage({ id: "behind it", key: "ord_1" }),
      aMessage({ id: "other" }),
    );
    await eventually(() => expect(refused.length).toBeGreaterThanOrEqual(3));
    expect(published).toEqual(["other"]);
    const loud = log.lines.filter(({ message }) => message.startsWith("a message cannot be published as it is"));
    expect(loud[1]).toMatchObject({ fields: { messageId: "large", key: "ord_1", failures: 2 } });
    takesLargeOnes = true;
    await eventually(() => expect(published).toEqual(["other", "large", "behind it"]));
  });

  it("leaves the work to one relay; another takes over when the connection of the first is ended", async () => {
    const log = recordingLog();
    const publishedBy: string[] = [];
    const first = await start({ publish: async () => void publishedBy.push("first"), log });
    await eventually(() => expect(first.stats().leader).toBe(true));
    const other = openDatabase({ url: fixture.testDatabase.url, schema, applicationName: "second" });
    cleanup.push(() => other.close());
    const second = await start({
      database: other,
      transactions: createTransactions(other),
      publish: async () => void publishedBy.push("second"),
      log,
    });
    await append(aMessage());
    await eventually(() => expect(publishedBy).toEqual(["first"]));
    expect(second.stats().leader).toBe(false);

    const admin = postgres(fixture.testDatabase.adminUrl, { max: 1 });
    cleanup.push(() => admin.end());
    // Ending the leader's session alone could let the first win the lock again.
    await eventually(async () => {
      await admin`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'test'`;
      expect(second.stats().leader).toBe(true);
    });
    expect(first.stats().leader).toBe(false);
    await append(aMessage());
    await eventually(() => expect(publishedBy).toEqual(["first", "second"]));
    expect(log.lines.map(({ message }) => message)).toContain(
      "the relay lost its lock, another instance may take over",
    );
  });

  it("goes on after the database ended all its connections", async () => {
    const published = new Set<string>();
    await start({ publish: async ({ envelope }) => void published.add(envelope.id) });
    await append(aMessage({ id: "evt_1" }));
    await eventually(() => expect(published).toContain("evt_1"));
    const admin = postgres(fixture.testDatabase.adminUrl, { max: 1 });
    cleanup.push(() => admin.end());
    await admin`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    await eventually(() => append(aMessage({ id: "evt_2" })));
    await eventually(() => expect(published).toContain("evt_2"));
    await eventually(async () => expect(await unpublished()).toEqual([]));
  });

  it("waits for publishes in flight when it stops, marks them, and claims nothing more", async () => {
    let finish = () => {};
    const relay = await start({ publish: () => new Promise((resolve) => (finish = resolve)) });
    await append(aMessage({ id: "evt_1", key: "a" }), aMessage({ id: "evt_2", key: "a" }));
    await eventually(() => expect(relay.stats().inFlight).toBe(1));
    const stopped = relay.stop();
    await append(aMessage({ id: "evt_3" }));
    finish();
    await stopped;
    expect(await unpublished()).toEqual(["evt_2", "evt_3"]);
    expect(relay.stats()).toMatchObject({ leader: false, inFlight: 0, published: 1 });
  });

  const insertPublished = (id: string, minutesAgo: number) => fixture.database.sql`
    insert into outbox (message_id, subject, key, envelope, published_at)
    values (${id}, 's', ${id}, ${JSON.stringify({ id })}::text::jsonb, now() - make_interval(mins => ${minutesAgo}))`;

  it("publishes again what was published before its receiver lost everything, and nothing else", async () => {
    await insertPublished("evt_lost", 3);
    await insertPublished("evt_kept", 1);
    const published: string[] = [];
    await start({
      publish: async ({ envelope }) => void published.push(envelope.id),
      keptSince: async () => new Date(Date.now() - 2 * 60_000),
    });
    await eventually(() => expect(published).toEqual(["evt_lost"]));
    await eventually(async () => expect(await unpublished()).toEqual([]));
  });

  it("removes nothing while it is unknown whether it has to be published again", async () => {
    await insertPublished("evt_old", 11);
    let asked = 0;
    await start({
      keptSince: async () => {
        asked += 1;
        throw new Error("The broker is away.");
      },
    });
    await eventually(() => expect(asked).toBe(1));
    const rows = await fixture.database.sql`select message_id from outbox`;
    expect([...rows]).toEqual([{ message_id: "evt_old" }]);
  });

  it("removes what was published or handled long enough ago, and nothing else", async () => {
    const { sql } = fixture.database;
    const insert = (id: string, publishedAt: string | null) => sql`
      insert into outbox (message_id, subject, key, envelope, published_at)
      select ${id} || n, 's', 'k', '{}', now() - ${publishedAt}::interval from generate_series(1, 700) as n`;
    await insert("old_", "11 minutes");
    await insert("recent_", "9 minutes");
    await sql`
      insert into inbox (consumer, message_id, handled_at)
      values ('c', 'old', now() - interval '8 days'), ('c', 'recent', now() - interval '6 days')`;
    await start();
    await eventually(async () => {
      const left = await sql`select distinct split_part(message_id, '_', 1) as kind from outbox`;
      expect([...left]).toEqual([{ kind: "recent" }]);
      expect([...(await sql`select message_id from inbox`)]).toEqual([{ message_id: "recent" }]);
    });
    const [row] = await sql`select count(*)::int as count from outbox`;
    expect(row?.count).toBe(700);
  });

  it("counts a message as published from when that began, for a broker that is emptied before it is marked", async () => {
    const published: string[] = [];
    let emptiedAt: Date | null = null;
    let finish = () => {};
    const relay = await start({
      publish({ envelope }) {
        published.push(envelope.id);
        return published.length === 1 ? new Promise((resolve) => (finish = resolve)) : Promise.resolve();
      },
      keptSince: async () => emptiedAt,
    });
    await append(aMessage({ id: "evt_1" }));
    await eventually(() => expect(published).toEqual(["evt_1"]));
    const [begun] = await fixture.database.sql`select clock_timestamp()::text as at`;
    await eventually(async () => {
      const [passed] = await fixture.database
        .sql`select clock_timestamp() > ${begun?.at}::timestamptz + interval '300 ms' as yes`;
      expect(passed?.yes).toBe(true);
    });
    finish();
    await eventually(async () => expect(await unpublished()).toEqual([]));
    const rows = await fixture.database.sql`select published_at <= ${begun?.at}::timestamptz as counts from outbox`;
    expect([...rows]).toEqual([{ counts: true }]);
    await relay.stop();
    emptiedAt = new Date();
    await start({
      publish: async ({ envelope }) => void published.push(envelope.id),
      keptSince: async () => emptiedAt,
    });
    await eventually(() => expect(published).toEqual(["evt_1", "evt_1"]));
  });

  it("publishes thousands of lost messages again, each once, and removes none of them", async () => {
    await fixture.database.sql`
      insert into outbox (message_id, subject, key, envelope, published_at)
      select 'evt_' || n, 's', 'key_' || n % 50, jsonb_build_object('id', 'evt_' || n), now() - interval '11 minutes'
      from generate_series(1, 2300) as n`;
    const published: string[] = [];
    await start({
      publish: async ({ envelope }) => void published.push(envelope.id),
      keptSince: async () => new Date(),
    });
    await eventually(() => expect(published.length).toBeGreaterThanOrEqual(2_300));
    await eventually(async () => expect(await unpublished()).toEqual([]));
    expect([published.length, new Set(published).size]).toEqual([2_300, 2_300]);
    const [row] = await fixture.database.sql`select count(*)::int as count from outbox`;
    expect(row?.count).toBe(2_300);
  });

  it("lets what is new wait behind some thousands of lost messages, not behind all of them", async () => {
    await fixture.database.sql`
      insert into outbox (message_id, subject, key, envelope, published_at)
      select 'evt_' || n, 's', 'key_' || n, jsonb_build_object('id', 'evt_' || n), now() - interval '11 minutes'
      from generate_series(1, 8000) as n`;
    const published: string[] = [];
    const log = recordingLog();
    let goOn = () => {};
    const isBack = new Promise<void>((resolve) => (goOn = resolve));
    await start({
      publish: async ({ envelope }) => {
        await isBack;
        published.push(envelope.id);
      },
      keptSince: async () => new Date(),
      log,
    });
    await eventually(async () => expect((await unpublished()).length).toBeGreaterThan(5_000));
    await append(aMessage({ id: "evt_new" }));
    goOn();
    await eventually(async () => expect(await unpublished()).toEqual([]), { timeoutMs: 30_000 });
    expect(new Set(published).size).toBe(8_001);
    expect(published.indexOf("evt_new")).toBeLessThan(7_000);
    expect(published.filter((id) => id !== "evt_new")).toEqual(Array.from({ length: 8_000 }, (_, n) => `evt_${n + 1}`));
    expect(log.lines).toContainEqual(expect.objectContaining({ fields: expect.objectContaining({ messages: 8_000 }) }));
  });

  it("says once a second, not for every message, that a broker is away", async () => {
    const log = recordingLog();
    const relay = await start({
      publish: async () => {
        throw new Error("The broker is away.");
      },
      log,
    });
    await append(...Array.from({ length: 200 }, () => aMessage()));
    await eventually(() => expect(relay.stats().failed).toBeGreaterThan(600));
    const warnings = log.lines.filter(({ message }) => message === "could not publish, will retry");
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThan(20);
  });

  it("tells how much waits, whoever leads", async () => {
    const other = openDatabase({ url: fixture.testDatabase.url, schema, applicationName: "second" });
    cleanup.push(() => other.close());
    const never = () => new Promise<never>(() => undefined);
    await append(aMessage(), aMessage(), aMessage());
    const relays = [
      await start({ publish: never, gaugeMs: 20 }),
      await start({ database: other, transactions: createTransactions(other), publish: never, gaugeMs: 20 }),
    ];
    for (const relay of relays) await eventually(() => expect(relay.stats().outbox?.depth).toBe(3));
    expect(relays.filter((relay) => relay.stats().leader)).toHaveLength(1);
  });

  it("publishes thousands of messages of as many keys", async () => {
    const relay = await start();
    const messages = Array.from({ length: 3_000 }, () => aMessage());
    await append(...messages);
    await eventually(async () => expect(await unpublished()).toEqual([]));
    expect(relay.stats().published).toBe(3_000);
  });
});
