import { describe, expect, it, vi } from "vitest";
import { createQueue } from "./queue.ts";

const never = () => {
  throw new Error("It was not its turn.");
};

describe("a queue of calls", () => {
  it("lets so many in at once, so many more wait, and no more", () => {
    const queue = createQueue({ maxConcurrent: 2, maxQueued: 1 });
    expect([queue.enter(never), queue.enter(never), queue.enter(vi.fn()), queue.enter(never)]).toEqual([
      "entered",
      "entered",
      "queued",
      "full",
    ]);
    expect([queue.inFlight, queue.queued]).toEqual([2, 1]);
  });

  it("gives turns in the order of arrival", () => {
    const queue = createQueue({ maxConcurrent: 1, maxQueued: 9 });
    queue.enter(never);
    const turns: string[] = [];
    for (const name of ["first", "second"]) queue.enter(() => turns.push(name));
    queue.leave();
    expect(turns).toEqual(["first"]);
    queue.leave();
    expect([turns, queue.inFlight]).toEqual([["first", "second"], 1]);
    queue.leave();
    expect(queue.inFlight).toBe(0);
  });

  it("forgets who goes before its turn", () => {
    const queue = createQueue({ maxConcurrent: 1, maxQueued: 1 });
    queue.enter(never);
    queue.enter(never);
    queue.withdraw(never);
    expect([queue.queued, queue.enter(vi.fn())]).toEqual([0, "queued"]);
  });

  it("may have no room to wait at all", () => {
    const queue = createQueue({ maxConcurrent: 1, maxQueued: 0 });
    queue.enter(never);
    expect(queue.enter(never)).toBe("full");
    queue.leave();
    expect(queue.enter(never)).toBe("entered");
  });
});
