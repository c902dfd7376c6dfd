import { describe, expect, it } from "vitest";
import {
  DEFAULT_LOAD_LIMITS,
  LOAD_KINDS,
  type Load,
  NO_LOAD,
  nextPatience,
  overload,
  retryAfterMs,
  USUAL_PATIENCE,
} from "./intake.ts";

const LIMITS: Load = {
  outbox_depth: 1_000,
  outbox_age: 60_000,
  consumer_lag: 500,
  placing: 20,
  placing_age: 2_000,
  event_loop: 200,
};

/** A load of `share` of one limit. */
const loadOf = (kind: keyof Load, share: number): Load => ({
  ...NO_LOAD,
  // Old are only those that are many.
  outbox_depth: kind === "outbox_age" ? 100 : 0,
  placing: kind === "placing_age" ? 10 : 0,
  [kind]: LIMITS[kind] * share,
});

describe("overload", () => {
  it("is nothing where nothing is under way, also with the limits that are used unless others are given", () => {
    expect(overload([], NO_LOAD, LIMITS)).toEqual([]);
    expect(overload([], NO_LOAD, DEFAULT_LOAD_LIMITS)).toEqual([]);
  });

  it.each(LOAD_KINDS)("begins when %s reaches its limit, and not before", (kind) => {
    expect(overload([], loadOf(kind, 0.99), LIMITS)).toEqual([]);
    expect(overload([], loadOf(kind, 1), LIMITS)).toEqual([kind]);
    expect(overload([], loadOf(kind, 50), LIMITS)).toEqual([kind]);
  });

  it.each(LOAD_KINDS)("is over once %s is below four fifths of its limit, and not before", (kind) => {
    expect(overload([kind], loadOf(kind, 0.99), LIMITS)).toEqual([kind]);
    expect(overload([kind], loadOf(kind, 0.81), LIMITS)).toEqual([kind]);
    expect(overload([kind], loadOf(kind, 0.79), LIMITS)).toEqual([]);
  });

  it("of one kind does not lower the limit of another", () => {
    expect(overload(["placing"], { ...NO_LOAD, placing: 18, consumer_lag: 450 }, LIMITS)).toEqual(["placing"]);
  });

  it("names everything that there is too much of", () => {
    const everything: Load = {
      outbox_depth: 9e9,
      outbox_age: 9e9,
      consumer_lag: 9e9,
      placing: 9e9,
      placing_age: 9e9,
      event_loop: 9e9,
    };
    expect(overload([], everything, LIMITS)).toEqual(LOAD_KINDS);
  });

  it("is not seen in a few old messages, which may be ones that can never be published", () => {
    expect(overload([], { ...NO_LOAD, outbox_depth: 99, outbox_age: 9e9 }, LIMITS)).toEqual([]);
    expect(overload(["outbox_age"], { ...NO_LOAD, outbox_depth: 99, outbox_age: 9e9 }, LIMITS)).toEqual([]);
  });

  it("is not seen in a few orders that take long, which may hang by one connection", () => {
    expect(overload([], { ...NO_LOAD, placing: 9, placing_age: 9e9 }, LIMITS)).toEqual([]);
    expect(overload(["placing_age"], { ...NO_LOAD, placing: 9, placing_age: 9e9 }, LIMITS)).toEqual([]);
  });

  it("is not reached by 100 orders a second, with 3 messages each, while the broker is away for 30 seconds", () => {
    const load = { ...NO_LOAD, outbox_depth: 100 * 3 * 30, outbox_age: 30_000 };
    expect(overload([], load, DEFAULT_LOAD_LIMITS)).toEqual([]);
  });
});

describe("retryAfterMs", () => {
  it("is soon where the process is busy, and later where messages have to be worked off", () => {
    expect(retryAfterMs(["placing", "placing_age", "event_loop"], 1, 0)).toBe(500);
    expect(retryAfterMs(["outbox_depth"], 1, 0)).toBe(5_000);
    expect(retryAfterMs(["consumer_lag", "placing"], 1, 0)).toBe(5_000);
  });

  it("is spread by chance, in whole milliseconds", () => {
    expect(retryAfterMs(["outbox_age"], 1, 0.999_999)).toBe(10_000);
    expect(retryAfterMs(["placing"], 1, 0.333_3)).toBe(667);
  });

  it("is later the more patience there has to be, and never so late that nobody comes back", () => {
    expect(retryAfterMs(["placing"], 4, 0)).toBe(2_000);
    expect(retryAfterMs(["outbox_depth"], 2, 0)).toBe(10_000);
    expect(retryAfterMs(["placing"], 1e9, 1)).toBe(20_000);
    expect(retryAfterMs(["outbox_depth"], 1e9, 1)).toBe(20_000);
  });
});

describe("the patience to ask for", () => {
  it("grows while more than a third are refused, and shrinks to the usual once few are", () => {
    let patience = USUAL_PATIENCE;
    const grown = Array.from({ length: 20 }, () => {
      patience = nextPatience(patience, { taken: 10, refused: 6 });
      return patience;
    });
    expect(grown.toSorted((a, b) => a - b)).toEqual(grown);
    expect(grown[0]).toBeGreaterThan(USUAL_PATIENCE);
    expect(grown.at(-1)).toBe(grown.at(-2));
    expect(nextPatience(patience, { taken: 10, refused: 4 })).toBe(patience);
    for (let n = 0; n < 20; n += 1) patience = nextPatience(patience, { taken: 10, refused: 2 });
    expect(patience).toBe(USUAL_PATIENCE);
  });

  it("shrinks where nobody comes, and grows where nobody is taken", () => {
    expect(nextPatience(8, { taken: 0, refused: 0 })).toBeLessThan(8);
    expect(nextPatience(8, { taken: 0, refused: 1 })).toBeGreaterThan(8);
  });
});
