import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "./database.ts";
import { appendToOutbox } from "./outbox.ts";
import { type Relay, startRelay } from "./relay.ts";
import { aMessage, type Fixture, openFixture, recordingLog, schema } from "./testing/fixture.ts";
import { type Forwarder, startForwarder } from "./testing/forwarder.ts";
import { createTransactions } from "./transactions.ts";

const TAKEOVER_WITHIN_MS = 5_000;

interface Publish {
  readonly by: string;
  readonly at: number;
}

describe("when the relay that leads fails, another", () => {
  let fixture: Fixture;
  let cleanup: (() => unknown)[];
  let publishes: Publish[];

  beforeEach(async () => {
    fixture = await openFixture();
    cleanup = [];
    publishes = [];
    // Something to publish, at all times.
    const timer = setInterval(() => {
      fixture.transactions.inTransaction((tx) => appendToOutbox(tx, [aMessage()])).catch(() => undefined);
    }, 20);
    cleanup.push(() => clearInterval(timer));
  });

  afterEach(async () => {
    for (const step of cleanup.reverse()) await step();
    await fixture.close();
  });

  const start = async (by: string, url = fixture.testDatabase.url): Promise<Relay> => {
    const database = openDatabase({ url, schema, applicationName: by });
    const relay = await startRelay({
      database,
      transactions: createTransactions(database),
      publish: async () => void publishes.push({ by, at: performance.now() }),
      log: recordingLog(),
    });
    cleanup.push(async () => {
      await relay.stop();
      await database.close();
    });
    return relay;
  };

  const published = (by: string) =>
    // A process takes its time to start on a busy machine.
    eventually(() => expect(publishes.map((publish) => publish.by)).toContain(by), { timeoutMs: 20_000 });

  const hasSought = (by: string) =>
    eventually(async () => {
      const sessions = await fixture.database.sql`
        select from pg_stat_activity
        where application_name = ${by} and state = 'idle' and query like '%pg_try_advisory_lock%'`;
      expect(sessions.length).toBe(1);
    });

  /** Milliseconds from `since` to the first message that the second published; none of the first comes after it. */
  const takeoverTime = async (since: number): Promise<number> => {
    await published("second");
    const from = publishes.findIndex(({ by }) => by === "second");
    await eventually(() => expect(publishes.length).toBeGreaterThan(from + 20));
    expect(publishes.slice(from).filter(({ by }) => by === "first")).toEqual([]);
    return (publishes[from]?.at ?? Number.NaN) - since;
  };

  const startProcess = async (): Promise<ChildProcess> => {
    const child = spawn(
      process.execPath,
      [
        "--conditions=supergraph-source",
        "--import",
        "tsx",
        fileURLToPath(new URL("testing/relay-process.ts", import.meta.url)),
        fixture.testDatabase.url,
      ],
      { cwd: fileURLToPath(new URL("../", import.meta.url)), stdio: ["ignore", "pipe", "inherit"] },
    );
    cleanup.push(() => child.kill("SIGKILL"));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("publish ")) publishes.push({ by: "first", at: performance.now() });
    });
    await published("first");
    return child;
  };

  it("goes on within 5 s after its process is killed", async () => {
    const leader = await startProcess();
    await start("second");
    await hasSought("second");
    leader.kill("SIGKILL");
    expect(await takeoverTime(performance.now())).toBeLessThan(TAKEOVER_WITHIN_MS);
  });

  it("goes on within 5 s after its process is frozen, and the first does nothing more when it thaws", async () => {
    const leader = await startProcess();
    await start("second");
    await hasSought("second");
    leader.kill("SIGSTOP");
    const since = performance.now();
    await published("second");
    leader.kill("SIGCONT");
    expect(await takeoverTime(since)).toBeLessThan(TAKEOVER_WITHIN_MS);
  });

  describe.each<{ what: string; fail: (link: Forwarder) => void }>([
    {
      what: "its host is gone without a word, and Postgres sees its connections as they were",
      fail: (link) => link.hold(),
    },
    { what: "its connections are gone, and it has not been told", fail: (link) => link.halfOpen() },
    { what: "its connections are reset", fail: (link) => link.reset() },
  ])("and $what", ({ fail }) => {
    it("goes on within 5 s, and the first has stopped before", async () => {
      const link = await startForwarder(fixture.testDatabase.url);
      cleanup.push(() => link.close());
      const first = await start("first", link.url);
      await published("first");
      const second = await start("second");
      await hasSought("second");
      let bothLed = false;
      const watch = setInterval(() => {
        bothLed ||= first.stats().leader && second.stats().leader;
      }, 1);
      cleanup.push(() => clearInterval(watch));
      fail(link);
      const since = performance.now();
      // Connections of the first that are made anew may win: it goes on leading.
      await eventually(() => expect(publishes.some(({ at }) => at > since + 200)).toBe(true));
      if (second.stats().leader) expect(await takeoverTime(since)).toBeLessThan(TAKEOVER_WITHIN_MS);
      expect(bothLed).toBe(false);
      // Not to wait for it when all is closed.
      link.reset();
    });
  });
});
