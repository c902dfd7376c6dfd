import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { isOutage, noteUndone, outageOf } from "./outage.ts";

const fromPostgres = (code: string): Error => Object.assign(new Error("refused"), { code, severity: "FATAL" });
const fromDriver = (code: string): Error => Object.assign(new Error("write"), { code });

describe("an outage of the database", () => {
  it.each([
    ["08006", "a connection that broke"],
    ["25006", "a database that only reads"],
    ["28P01", "a password that was changed"],
    ["3D000", "a database that is being restored"],
    ["53100", "a full disk"],
    ["53300", "too many connections"],
    ["55P03", "a lock that another does not give back"],
    ["57P01", "a shutdown"],
    ["57P03", "a start"],
    ["58030", "a disk that fails"],
  ])("is told by SQLSTATE %s, %s", (state) => {
    expect(isOutage(fromPostgres(state))).toBe(true);
  });

  it.each(["23505", "23514", "22P02", "40001", "40P01", "42P01", "57014", "P0001"])("is not what %s says", (state) => {
    expect(isOutage(fromPostgres(state))).toBe(false);
  });

  it.each([
    "CONNECTION_CLOSED",
    "CONNECTION_DESTROYED",
    "CONNECTION_ENDED",
    "CONNECT_TIMEOUT",
    "ECONNREFUSED",
    "ECONNRESET",
    "EPIPE",
    "ETIMEDOUT",
    "ENOTFOUND",
  ])("is told by the driver's or the socket's %s", (code) => {
    expect(isOutage(fromDriver(code))).toBe(true);
  });

  it("is found in the cause of the error, as Drizzle wraps it", () => {
    const wrapped = new Error("Failed query: select 1", { cause: fromPostgres("57P01") });
    expect(isOutage(new Error("Could not reserve.", { cause: wrapped }))).toBe(true);
  });

  it("is what a name with several addresses, none of which answers, comes to", () => {
    const refused = Object.assign(new AggregateError([fromDriver("ECONNREFUSED")]), { code: "ECONNREFUSED" });
    expect(isOutage(refused)).toBe(true);
  });

  it.each([
    undefined,
    null,
    "ECONNREFUSED",
    new Error("ECONNREFUSED"),
    new TypeError("no"),
    { code: "57P01" },
    7,
  ])("is not %s", (error) => {
    expect(isOutage(error)).toBe(false);
  });

  it("is what postgres.js says when nobody listens", async () => {
    const sql = postgres("postgres://nobody@127.0.0.1:1/none", { max: 1 });
    const error = await sql`select 1`.catch((failure: unknown) => failure);
    await sql.end();
    expect(isOutage(error)).toBe(true);
  });

  it("has undone what never was connected, and what is marked so; of anything else nobody knows", () => {
    for (const error of [fromDriver("ECONNREFUSED"), fromDriver("CONNECT_TIMEOUT"), fromPostgres("57P03")])
      expect(outageOf(new Error("Failed query", { cause: error }))).toBe("undone");
    const closed = fromDriver("CONNECTION_CLOSED");
    expect(outageOf(closed)).toBe("unknown");
    noteUndone(closed);
    expect(outageOf(new Error("Failed query", { cause: closed }))).toBe("undone");
    expect(outageOf(fromPostgres("23505"))).toBeNull();
    expect(outageOf("ECONNREFUSED")).toBeNull();
  });
});
