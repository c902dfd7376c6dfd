import { type RecordedSpans, recordSpans } from "@supergraph/testing";
import { inSpan, SpanKind } from "@supergraph/tracing";
import { sql } from "drizzle-orm";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendToOutbox } from "./outbox.ts";
import { summarize } from "./statement-spans.ts";
import { aMessage, type Fixture, openFixture } from "./testing/fixture.ts";

let spans: RecordedSpans;
beforeAll(() => {
  spans = recordSpans();
});

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
  spans.forget();
});
afterEach(() => fixture.close());

const parentOf = (name: string) => spans.find(name)?.parentSpanContext?.spanId;
const idOf = (name: string) => spans.find(name)?.spanContext().spanId;

describe("a statement", () => {
  it("is a span of what it is run for, with its text and none of its values", async () => {
    const { db, name } = fixture.database;
    await inSpan("sweep", {}, () => db.execute(sql`select key from outbox where key = ${"ada@example.com"}`));
    expect(spans.find("SELECT outbox")).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: {
        "db.system.name": "postgresql",
        "db.namespace": name,
        "db.operation.name": "SELECT",
        "db.collection.name": "outbox",
        "db.query.text": "select key from outbox where key = $1",
      },
    });
    expect(parentOf("SELECT outbox")).toBe(idOf("sweep"));
    expect(JSON.stringify(spans.all().map(({ attributes }) => attributes))).not.toContain("ada@");
  });

  it("is below its transaction, as is what is written to the outbox", async () => {
    await inSpan("request", {}, () => fixture.transactions.inTransaction((tx) => appendToOutbox(tx, [aMessage()])));
    expect(parentOf("INSERT outbox")).toBe(idOf("transaction"));
    expect(parentOf("transaction")).toBe(idOf("request"));
  });

  it("that fails tells the kind of its error and Postgres' code, without what Postgres said", async () => {
    const failing = inSpan("sweep", {}, () => fixture.database.db.execute(sql`select 'ada'::int from outbox`));
    await expect(failing).rejects.toThrow();
    const span = spans.find("SELECT outbox");
    expect(span?.attributes).toMatchObject({ "db.response.status_code": "22P02", "error.type": "PostgresError" });
    expect([span?.status, span?.events]).toEqual([{ code: 2 }, []]);
  });

  it("that nobody asked for in a recorded span is none", async () => {
    await fixture.database.db.execute(sql`select 1`);
    await fixture.transactions.inTransaction((tx) => tx.execute(sql`select 1`));
    expect(spans.all()).toEqual([]);
  });
});

describe("the name of a statement's span", () => {
  it.each([
    ['select "id" from "orders" where "id" = $1', "SELECT", "orders"],
    ["\n  insert into outbox (key) select key from given", "INSERT", "outbox"],
    ['update "public"."variants" set x = 1', "UPDATE", "variants"],
    ["delete from inbox where true", "DELETE", "inbox"],
    ["(select 1 from carts) union select 2", "SELECT", "carts"],
    ["select * from unnest($1::text[]) as id", "SELECT", null],
    ["select pg_advisory_xact_lock($1)", "SELECT", null],
    ["", "SQL", null],
  ])("of %j is %s and %s", (text, operation, table) => {
    expect(summarize(text)).toEqual({ operation, table });
  });
});
