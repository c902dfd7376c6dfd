import { describe, expect, it } from "vitest";
import { readLetter } from "./letters.ts";
import { renderTable } from "./render.ts";
import { filterLetters, parseDuration, selectionOf } from "./selection.ts";

const NOON = new Date("2026-01-31T12:00:00.000Z");

const aLetter = (id: string, { consumer = "orders-a", at = "2026-01-31T11:00:00.000Z", error = "Error: no" } = {}) =>
  readLetter(
    id,
    {
      service: "orders",
      consumer,
      error,
      attempts: 20,
      at,
      message: {
        subject: "products.stock.reserved.v1",
        key: "ord_1",
        envelope: { id: `evt_${id}`, type: "t", version: 1, time: at, correlationId: "c", causationId: null, data: {} },
      },
    },
    { subject: "dlq.orders.orders-a", at },
  );

describe("selecting letters", () => {
  it.each([
    ["0s", 0],
    ["90s", 90_000],
    ["15m", 900_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
  ])("reads %s", (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(["", "1", "1w", "-1h", "1.5h", "h", "1 h", "9999999d"])("refuses the duration %j", (text) => {
    expect(() => parseDuration(text)).toThrow(/is no duration: expected a number and s, m, h or d/);
  });

  it("takes each id once", () => {
    expect(selectionOf(["2", "1", "2"], {})).toEqual({ kind: "ids", ids: ["2", "1"] });
  });

  it("sorts by consumer and then by age", () => {
    const letters = [
      aLetter("1", { consumer: "orders-b" }),
      aLetter("2", { at: "2026-01-31T11:30:00.000Z" }),
      aLetter("3", { at: "2026-01-31T11:15:00.000Z" }),
    ];
    expect(filterLetters(letters, {}, NOON).map(({ id }) => id)).toEqual(["3", "2", "1"]);
    expect(filterLetters(letters, { olderThanMs: 45 * 60_000 }, NOON).map(({ id }) => id)).toEqual(["1"]);
    expect(filterLetters(letters, { olderThanMs: 40 * 60_000 }, NOON).map(({ id }) => id)).toEqual(["3", "1"]);
  });
});

describe("a letter", () => {
  it("of an earlier version, which kept no history, can be read", () => {
    expect(aLetter("1")).toMatchObject({ obstacle: null, letter: { failures: [] } });
  });

  it.each([null, "text", 1, {}, { message: {} }])("that is none is shown as such: %j", (stored) => {
    expect(readLetter("1", stored, { subject: "dlq.orders.orders-a", at: NOON.toISOString() })).toMatchObject({
      obstacle: "it is no dead letter",
      letter: { service: "orders", consumer: "orders-a", attempts: 0 },
    });
  });

  it("cannot write to the operator's terminal, nor break out of its line", () => {
    const table = renderTable([aLetter("1", { error: "\u001b[31mred\u0007\tand\u202e back" })], NOON);
    expect(table).toContain("�[31mred��and� back");
    expect(table.split("\n")).toHaveLength(4);
  });
});
