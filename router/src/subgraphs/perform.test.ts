import { silentLogger } from "@supergraph/service";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Attempt } from "./attempt.ts";
import { createBreaker } from "./breaker.ts";
import { ABANDONED, type Failed, type Outcome } from "./call.ts";
import { Deadline } from "./deadline.ts";
import { createPerform } from "./perform.ts";
import { createQueue } from "./queue.ts";
import { createReplicas } from "./replicas.ts";
import { SubgraphSettings } from "./settings.ts";
import { aContext, mutation, query } from "./testing/subgraph.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const answered: Outcome = { kind: "answered", response: { data: {} }, text: `{"data":{}}` };
const lost: Failed = {
  kind: "failed",
  failure: "SUBGRAPH_UNAVAILABLE",
  health: "ill",
  mayRepeat: true,
  retryAfterMs: null,
  detail: { reason: "the connection was lost" },
};

/** Calls whose attempts end as `outcomes` say, one after another. */
const aPerform = (
  outcomes: readonly Outcome[],
  given: { retries?: number; chance?: number; budget?: boolean } = {},
) => {
  const settings = SubgraphSettings.parse({});
  const replicas = createReplicas({ name: "books", urls: ["http://127.0.0.1:9/"], settings, log: silentLogger() });
  const queue = createQueue({ maxConcurrent: 1, maxQueued: 1 });
  const attemptedAt: number[] = [];
  const attempt: Attempt = async () => {
    attemptedAt.push(performance.now());
    return outcomes[attemptedAt.length - 1] ?? answered;
  };
  const perform = createPerform({
    attempt,
    replicas,
    queue,
    breaker: createBreaker(settings.breaker, () => undefined),
    budget: { countCall: () => undefined, withdraw: () => given.budget ?? true },
    retries: given.retries ?? 2,
    random: () => given.chance ?? 0.5,
  });
  const startedAt = performance.now();
  return { perform, queue, replicas, attempts: () => attemptedAt.map((at) => at - startedAt) };
};

const aDeadline = (timeoutMs = 1_000) => new Deadline(timeoutMs);

describe("a call that may be repeated", () => {
  it("is, after pauses that grow", async () => {
    const { perform, attempts } = aPerform([lost, lost], { chance: 0.4 });
    const call = perform(query, aContext(), aDeadline());
    await vi.runAllTimersAsync();
    expect(await call).toBe(answered);
    expect(attempts()).toEqual([0, 10, 50]);
  });

  it("is not without a budget", async () => {
    const { perform, attempts } = aPerform([lost], { budget: false });
    expect(await perform(query, aContext(), aDeadline())).toBe(lost);
    expect(attempts()).toEqual([0]);
  });

  it("is not when the pause would outlast the deadline", async () => {
    const { perform, attempts } = aPerform([{ ...lost, retryAfterMs: 900 }]);
    expect(await perform(query, aContext(), aDeadline(500))).toMatchObject({ retryAfterMs: 900 });
    expect(attempts()).toEqual([0]);
  });

  it("is after the pause that the subgraph asks for", async () => {
    const { perform, attempts } = aPerform([{ ...lost, retryAfterMs: 900 }], { chance: 0 });
    const call = perform(query, aContext(), aDeadline());
    await vi.runAllTimersAsync();
    expect(await call).toBe(answered);
    expect(attempts()).toEqual([0, 900]);
  });

  it("ends in its pause when nobody waits any more", async () => {
    const { perform, attempts, replicas } = aPerform([{ ...lost, retryAfterMs: 900 }]);
    const deadline = aDeadline(2_000);
    const call = perform(query, aContext(), deadline);
    await vi.advanceTimersByTimeAsync(10);
    deadline.abandon();
    expect(await call).toBe(ABANDONED);
    expect([attempts(), vi.getTimerCount(), replicas.pick().inFlight]).toEqual([[0], 0, 1]);
  });
});

describe("a call that waits for its turn", () => {
  it("is given up after its time: a mutation did nothing, and the subgraph is not to blame", async () => {
    const { perform, queue, attempts } = aPerform([]);
    queue.enter(() => undefined);
    for (const [fetch, failure] of [
      [mutation, "SUBGRAPH_UNAVAILABLE"],
      [query, "SUBGRAPH_TIMEOUT"],
    ] as const) {
      const call = perform(fetch, aContext(), aDeadline());
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await call).toMatchObject({ failure, health: "unknown" });
    }
    expect([attempts(), queue.inFlight, queue.queued]).toEqual([[], 1, 0]);
  });

  it("is made when its turn comes", async () => {
    const { perform, queue, attempts } = aPerform([]);
    queue.enter(() => undefined);
    const call = perform(query, aContext(), aDeadline());
    await vi.advanceTimersByTimeAsync(500);
    queue.leave();
    expect(await call).toBe(answered);
    expect([attempts(), queue.inFlight]).toEqual([[500], 0]);
  });
});
