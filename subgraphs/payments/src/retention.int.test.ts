import { openDatabase } from "@supergraph/postgres";
import { silentLogger } from "@supergraph/service";
import { createTestDatabase, type TestDatabase } from "@supergraph/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makePruneRecords, OPERATIONS_KEPT_MS, WEBHOOKS_KEPT_MS } from "./commands/prune-records.ts";
import * as schema from "./db/schema.ts";
import { startPruningJob } from "./pruning-job.ts";
import { migratePayments } from "./server.ts";

const now = new Date("2026-03-01T12:00:00.000Z");
const ago = (ms: number) => new Date(now.getTime() - ms).toISOString();

let test: TestDatabase;
const open = (url: string) => openDatabase({ url, schema, applicationName: "retention", max: 4 });
let database: ReturnType<typeof open>;
beforeAll(async () => {
  test = await createTestDatabase({ migrate: migratePayments });
  database = open(test.url);
});
afterAll(async () => {
  await database?.close();
  await test?.drop();
});
beforeEach(() => database.sql`truncate payments, operations, webhook_events, refunds`);

const prune = () => makePruneRecords({ db: database.db, now: () => now })();

const aPayment = async (id: string, status: string, voidRequested = false) => {
  await database.sql`
    insert into payments (id, order_id, customer_id, status, currency, amount_minor, authorized_minor, captured_minor,
      refunded_minor, refund_pending_minor, void_requested, created_at, updated_at)
    values (${id}, ${`ord_${id}`}, 'usr_1', ${status}, 'EUR', 1999, 1999, 0, 0, 0, ${voidRequested}, now(), now())`;
};

const anOperation = async (id: string, paymentId: string, doneAt: string | null) => {
  await database.sql`
    insert into operations (id, payment_id, kind, attempts, next_attempt_at, done_at, correlation_id, created_at)
    values (${id}, ${paymentId}, 'AUTHORIZE', 1, now(), ${doneAt}, 'cor_test', now())`;
};

const idsOf = async (table: "operations" | "webhook_events"): Promise<string[]> =>
  (await database.sql<{ id: string }[]>`select id from ${database.sql(table)} order by id`).map(({ id }) => id);

describe("what is kept", () => {
  it("is an operation for a month after its end, and while anything about its payment is open", async () => {
    await aPayment("done", "CAPTURED");
    await anOperation("old", "done", ago(OPERATIONS_KEPT_MS + 1));
    await anOperation("young", "done", ago(OPERATIONS_KEPT_MS));
    await aPayment("busy", "CAPTURED");
    await anOperation("old-of-busy", "busy", ago(OPERATIONS_KEPT_MS + 1));
    await anOperation("open-of-busy", "busy", null);
    await aPayment("pending", "PENDING");
    await anOperation("old-of-pending", "pending", ago(OPERATIONS_KEPT_MS + 1));
    await aPayment("giving-up", "AUTHORIZED", true);
    await anOperation("old-of-giving-up", "giving-up", ago(OPERATIONS_KEPT_MS + 1));
    expect(await prune()).toBe(1);
    expect(await idsOf("operations")).toEqual([
      "old-of-busy",
      "old-of-giving-up",
      "old-of-pending",
      "open-of-busy",
      "young",
    ]);
  });

  it("is the id of a webhook for a week", async () => {
    await database.sql`insert into webhook_events ${database.sql([
      { id: "old", handled_at: ago(WEBHOOKS_KEPT_MS + 1) },
      { id: "young", handled_at: ago(WEBHOOKS_KEPT_MS) },
    ])}`;
    expect(await prune()).toBe(1);
    expect(await idsOf("webhook_events")).toEqual(["young"]);
  });

  it("is nothing of what is over, however much it is", async () => {
    await database.sql`
      insert into webhook_events select 'evt_' || n, ${ago(WEBHOOKS_KEPT_MS + 1)}::timestamptz from generate_series(1, 1234) n`;
    const counts = await Promise.all([prune(), prune()]);
    expect(counts[0] + counts[1]).toBe(1234);
    expect(await idsOf("webhook_events")).toEqual([]);
  });

  it("leaves alone what somebody decides about right now", async () => {
    await aPayment("done", "CAPTURED");
    await anOperation("old", "done", ago(OPERATIONS_KEPT_MS + 1));
    await database.sql.begin(async (tx) => {
      await tx`select from operations where id = 'old' for update`;
      expect(await prune()).toBe(0);
    });
    expect(await prune()).toBe(1);
  });
});

describe("the pruning job", () => {
  it("runs at once, outlives a failure, and stops after the batch that it is at", async () => {
    let runs = 0;
    const failing = startPruningJob({
      prune: async () => {
        runs += 1;
        throw new Error("The database is down.");
      },
      log: silentLogger(),
    });
    await failing.stop();
    expect(runs).toBe(1);

    let wentOn: boolean | null = null;
    let begin: () => void = () => undefined;
    const job = startPruningJob({
      prune: async (goOn) => {
        await new Promise<void>((resolve) => {
          begin = resolve;
        });
        wentOn = goOn();
        return 0;
      },
      log: silentLogger(),
    });
    const stopped = job.stop();
    begin();
    await stopped;
    expect(wentOn).toBe(false);
  });
});
