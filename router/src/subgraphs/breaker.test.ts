import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type BreakerState, createBreaker } from "./breaker.ts";
import { ABANDONED, type Outcome } from "./call.ts";
import { SubgraphSettings } from "./settings.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T12:00:00Z") });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

const answered: Outcome = { kind: "answered", response: { data: {} }, text: `{"data":{}}` };
const failed: Outcome = { ...ABANDONED, failure: "SUBGRAPH_TIMEOUT", health: "ill" };
const refusedByPolicy: Outcome = { ...ABANDONED, failure: "SUBGRAPH_INVALID_RESPONSE", health: "alive" };

const aBreaker = (given: object = {}) => {
  const { breaker: settings } = SubgraphSettings.parse({ breaker: { minimumCalls: 4, ...given } });
  const changes: BreakerState[] = [];
  const breaker = createBreaker(settings, (state) => changes.push(state));
  /** What became of one call after another; "refused" where it was not made. */
  const see = async (...outcomes: Outcome[]) => {
    for (const outcome of outcomes) await breaker.run(async () => outcome);
    return breaker.state;
  };
  return { breaker, changes, see };
};

describe("a circuit", () => {
  it("opens when so many of enough calls failed, and says for how long", async () => {
    const { breaker, changes, see } = aBreaker();
    expect(await see(answered, answered, failed)).toBe("closed");
    expect(breaker.refusal()).toBeNull();
    expect(await see(failed)).toBe("open");
    pass(400);
    expect(breaker.refusal()).toBe(600);
    expect(changes).toEqual(["open"]);
  });

  it("stays closed for few calls, and for a share below", async () => {
    expect(await aBreaker().see(failed, failed, failed)).toBe("closed");
    expect(await aBreaker().see(answered, answered, answered, failed, failed)).toBe("closed");
  });

  it("forgets what is older than its window, also when few calls come", async () => {
    const { see } = aBreaker({ windowMs: 10_000 });
    await see(failed, failed, failed);
    pass(10_000);
    expect(await see(failed)).toBe("closed");
  });

  it("opens at so many failures in a row, whatever the share", async () => {
    const { see } = aBreaker({ consecutiveFailures: 3, minimumCalls: 1_000 });
    expect(await see(failed, failed, answered, failed, failed)).toBe("closed");
    expect(await see(failed)).toBe("open");
  });

  it("takes a refusal for an answer: the subgraph is there", async () => {
    expect(await aBreaker().see(...Array(10).fill(refusedByPolicy))).toBe("closed");
  });

  it("counts nothing of what nobody waited for", async () => {
    const { see } = aBreaker();
    expect(await see(...Array(10).fill(ABANDONED))).toBe("closed");
    // Nor as a success that would dilute the failures.
    expect(await see(failed, failed, failed, failed)).toBe("open");
  });

  it("hands on what became of a call that counts for nothing", async () => {
    expect(await aBreaker().breaker.run(async () => ABANDONED)).toBe(ABANDONED);
  });

  it("makes no call while it is open", async () => {
    const { breaker, see } = aBreaker();
    await see(failed, failed, failed, failed);
    const call = vi.fn(async () => answered);
    expect(await breaker.run(call)).toBeNull();
    expect(call).not.toHaveBeenCalled();
  });

  it("lets a single call try after its time, and refuses others meanwhile", async () => {
    const { breaker, changes, see } = aBreaker();
    await see(failed, failed, failed, failed);
    pass(1_000);
    expect(breaker.refusal()).toBeNull();
    let finish: (outcome: Outcome) => void = () => undefined;
    const trial = breaker.run(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    expect([breaker.state, breaker.refusal(), await breaker.run(async () => answered)]).toEqual([
      "half-open",
      100,
      null,
    ]);
    finish(answered);
    expect(await trial).toBe(answered);
    expect(changes).toEqual(["open", "half-open", "closed"]);
    expect(await see(failed, failed)).toBe("closed");
  });

  it.each([
    ["fails", failed],
    ["proves nothing", ABANDONED],
  ])("stays open for as long again when the call that tries %s", async (_, outcome) => {
    const { breaker, see } = aBreaker();
    await see(failed, failed, failed, failed);
    pass(1_000);
    expect(await see(outcome)).toBe("open");
    expect(breaker.refusal()).toBe(1_000);
    pass(1_000);
    expect(await see(answered)).toBe("closed");
  });

  it("never opens where there is none", async () => {
    const breaker = createBreaker(false, () => expect.unreachable());
    for (let call = 0; call < 100; call += 1) await breaker.run(async () => failed);
    expect([breaker.state, breaker.refusal()]).toEqual(["closed", null]);
  });
});
