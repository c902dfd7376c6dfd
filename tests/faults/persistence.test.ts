import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { persist, type Tried } from "./persistence.ts";
import { createTallies } from "./tallies.ts";

const again: Tried<string> = { kind: "again", why: "SUBGRAPH_TIMEOUT", afterMs: null };
const refused: Tried<string> = { kind: "again", why: "OVERLOADED", afterMs: 1_000, unlessRepeated: "refused" };

// Pauses come from a module that fake timers do not reach.
vi.mock("node:timers/promises", () => ({
  setTimeout: (ms: number, value?: unknown) => {
    vi.advanceTimersByTime(ms);
    return Promise.resolve(value);
  },
}));

describe("a client that persists", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("gives up after five minutes, which is a failure while nobody knows what it came to", async () => {
    const tallies = createTallies();
    expect(await persist("order-1", tallies, async () => again)).toBeNull();
    expect(tallies.failures).toEqual(["order-1: given up after 300 s, at last: SUBGRAPH_TIMEOUT"]);
  });

  it("takes a refusal for the last word after five minutes, which is no failure", async () => {
    const tallies = createTallies();
    let tries = 0;
    const attempt = async () => (++tries === 1 ? again : refused);
    expect(await persist("order-1", tallies, attempt)).toBe("refused");
    expect(tries).toBeGreaterThan(200);
    expect(tallies.failures).toEqual([]);
  });
});
