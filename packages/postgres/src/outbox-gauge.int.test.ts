import { eventually } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleOutbox, startOutboxGauge } from "./outbox-gauge.ts";
import { republishLost } from "./retention.ts";
import { type Fixture, openFixture, recordingLog } from "./testing/fixture.ts";

describe("the gauge of an outbox", () => {
  let fixture: Fixture;

  beforeEach(async () => {
    fixture = await openFixture();
  });

  afterEach(() => fixture.close());

  const insert = (count: number, options: { secondsAgo: number; published: boolean }) => fixture.database.sql`
    insert into outbox (message_id, subject, key, envelope, created_at, published_at)
    select gen_random_uuid(), 's', 'k', '{}', now() - make_interval(secs => ${options.secondsAgo}),
      case when ${options.published} then now() end
    from generate_series(1, ${count}::int)`;

  it("counts what is not published, and for how long the first of it has waited", async () => {
    expect(await sampleOutbox(fixture.database)).toMatchObject({ depth: 0, oldestMs: 0 });
    await insert(5, { secondsAgo: 90, published: true });
    await insert(2, { secondsAgo: 30, published: false });
    await insert(3, { secondsAgo: 1, published: false });
    const { depth, oldestMs, sampledAt } = await sampleOutbox(fixture.database);
    expect(depth).toBe(5);
    expect(oldestMs).toBeGreaterThanOrEqual(30_000);
    expect(oldestMs).toBeLessThan(60_000);
    expect(Math.abs(Date.now() - sampledAt)).toBeLessThan(5_000);
  });

  it("takes what is to be published once more, since a broker lost it, for as old as the loss", async () => {
    await insert(2, { secondsAgo: 500, published: true });
    await republishLost(fixture.database.sql, new Date(Date.now() + 60_000), async () => true);
    const { depth, oldestMs } = await sampleOutbox(fixture.database);
    expect(depth).toBe(2);
    expect(oldestMs).toBeLessThan(60_000);
  });

  it("counts no further than 50,000", async () => {
    await insert(50_010, { secondsAgo: 1, published: false });
    expect((await sampleOutbox(fixture.database)).depth).toBe(50_000);
  });

  it("reads only the rows that are not published", async () => {
    await insert(20_000, { secondsAgo: 1, published: true });
    await insert(10, { secondsAgo: 1, published: false });
    await fixture.database.sql`analyze outbox`;
    const plan = await fixture.database.sql`
      explain select from outbox where published_at is null order by position limit 50000`;
    expect(plan.map((row) => String(row["QUERY PLAN"])).join("\n")).toMatch(/ using outbox_unpublished/);
  });

  it("goes on when the database could not be asked, and tells how old its sample is", async () => {
    const log = recordingLog();
    let down = false;
    const { sql } = fixture.database;
    const gauge = startOutboxGauge({
      database: {
        get sql() {
          if (down) throw new Error("The database is away.");
          return sql;
        },
      },
      log,
      everyMs: 10,
    });
    expect(gauge.sample()).toBeNull();
    await eventually(() => expect(gauge.sample()?.depth).toBe(0));
    down = true;
    await eventually(() => expect(log.lines).toHaveLength(1));
    const last = gauge.sample();
    await insert(1, { secondsAgo: 0, published: false });
    expect(gauge.sample()).toEqual(last);
    down = false;
    await eventually(() => expect(gauge.sample()?.depth).toBe(1));
    expect(log.lines).toHaveLength(1);
    gauge.stop();
  });
});
