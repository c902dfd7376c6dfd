import { eventually } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type DatabaseClock, startDatabaseClock } from "./database-clock.ts";
import { type Fixture, openFixture, recordingLog } from "./testing/fixture.ts";

const FIVE_MINUTES_MS = 5 * 60_000;

describe("the clock of a database", () => {
  let fixture: Fixture;
  let clock: DatabaseClock | undefined;

  beforeEach(async () => {
    fixture = await openFixture();
  });

  afterEach(async () => {
    vi.useRealTimers();
    clock?.stop();
    await fixture.close();
  });

  /** Of the database's clock from the one that is tested, as seen from here. */
  const differenceMs = async ({ now }: DatabaseClock): Promise<number> => {
    const before = now().getTime();
    const [row] = await fixture.database.sql<{ ms: number }[]>`
      select extract(epoch from clock_timestamp())::float8 * 1000 as ms`;
    const after = now().getTime();
    const ms = row?.ms ?? Number.NaN;
    return ms < before ? before - ms : ms > after ? ms - after : 0;
  };

  it("is told by a process whose own clock is five minutes off", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + FIVE_MINUTES_MS });
    clock = await startDatabaseClock({ database: fixture.database, log: recordingLog() });
    expect(await differenceMs(clock)).toBeLessThan(1_000);
    vi.setSystemTime(Date.now() - 2 * FIVE_MINUTES_MS);
    expect(await differenceMs(clock)).toBeLessThan(1_000);
  });

  it("is compared again and again, and goes on as known while the database is away", async () => {
    let readings = 0;
    let isAway = false;
    let aheadMs = 0;
    const sql = (async () => {
      readings += 1;
      if (isAway) throw new Error("away");
      return [{ now: performance.now() + aheadMs }];
    }) as never;
    const log = recordingLog();
    clock = await startDatabaseClock({ database: { sql }, log, everyMs: 5 });
    expect(clock.now().getTime()).toBeLessThan(FIVE_MINUTES_MS);
    aheadMs = FIVE_MINUTES_MS;
    await eventually(() => expect(clock?.now().getTime()).toBeGreaterThan(FIVE_MINUTES_MS - 1_000));
    isAway = true;
    const before = readings;
    await eventually(() => expect(readings).toBeGreaterThan(before + 2));
    expect(clock.now().getTime()).toBeGreaterThan(FIVE_MINUTES_MS - 1_000);
    expect(log.lines.filter(({ message }) => message.includes("database's clock"))).toHaveLength(1);
  });

  it("is not told where the first reading fails", async () => {
    const sql = (async () => {
      throw new Error("away");
    }) as never;
    await expect(startDatabaseClock({ database: { sql }, log: recordingLog() })).rejects.toThrow("away");
  });
});
