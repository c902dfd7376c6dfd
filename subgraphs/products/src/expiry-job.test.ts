import { silentLogger } from "@supergraph/service";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startExpiryJob } from "./expiry-job.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const start = (expireReservations: () => Promise<number>) =>
  startExpiryJob({ expireReservations, intervalMs: 100, log: silentLogger() });

describe("the expiry job", () => {
  it("runs again and again", async () => {
    const run = vi.fn(async () => 0);
    const job = start(run);
    expect(run).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(350);
    expect(run).toHaveBeenCalledTimes(3);
    await job.stop();
  });

  it("never runs twice at once, however long one run takes", async () => {
    let finish: (expired: number) => void = () => undefined;
    const run = vi.fn(() => new Promise<number>((resolve) => (finish = resolve)));
    const job = start(run);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run).toHaveBeenCalledTimes(1);
    finish(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(run).toHaveBeenCalledTimes(2);
    finish(0);
    await job.stop();
  });

  it("outlives a failure", async () => {
    const run = vi.fn(async () => Promise.reject(new Error("The database is down.")));
    const job = start(run);
    await vi.advanceTimersByTimeAsync(250);
    expect(run).toHaveBeenCalledTimes(2);
    await job.stop();
  });

  it("stops after the run in flight, and runs no more", async () => {
    let finish: (expired: number) => void = () => undefined;
    const run = vi.fn(() => new Promise<number>((resolve) => (finish = resolve)));
    const job = start(run);
    await vi.advanceTimersByTimeAsync(100);
    let stopped = false;
    const stopping = job.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stopped).toBe(false);
    finish(1);
    await stopping;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
