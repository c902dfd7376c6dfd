import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deadline } from "./deadline.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a deadline", () => {
  it("is over after its time, and tells so once", () => {
    const deadline = new Deadline(100);
    const told = vi.fn();
    deadline.listen(told);
    vi.advanceTimersByTime(99);
    expect([deadline.over, deadline.remainingMs(), told.mock.calls.length]).toEqual([null, 1, 0]);
    vi.advanceTimersByTime(1);
    expect([deadline.over, deadline.remainingMs(), told.mock.calls.length]).toEqual(["expired", 0, 1]);
    deadline.abandon();
    expect([deadline.over, told.mock.calls.length]).toEqual(["expired", 1]);
  });

  it("is over when nobody waits any more", () => {
    const deadline = new Deadline(100);
    const told = vi.fn();
    deadline.listen(told);
    deadline.abandon();
    vi.advanceTimersByTime(1_000);
    expect([deadline.over, told.mock.calls.length]).toEqual(["abandoned", 1]);
  });

  it("leaves no timer behind", () => {
    new Deadline(100).clear();
    new Deadline(100).abandon();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends by its client's going although its timer was let go", () => {
    const deadline = new Deadline(100);
    deadline.clear();
    vi.advanceTimersByTime(1_000);
    expect(deadline.over).toBeNull();
    deadline.abandon();
    expect(deadline.over).toBe("abandoned");
  });

  it("ends a pause early", async () => {
    const deadline = new Deadline(100);
    const paused = deadline.pause(1_000);
    vi.advanceTimersByTime(100);
    await paused;
    expect([deadline.over, vi.getTimerCount()]).toEqual(["expired", 0]);
  });

  it("lets a pause pass that is shorter", async () => {
    const deadline = new Deadline(100);
    const paused = deadline.pause(50);
    vi.advanceTimersByTime(50);
    await paused;
    expect(deadline.over).toBeNull();
    deadline.clear();
  });
});
