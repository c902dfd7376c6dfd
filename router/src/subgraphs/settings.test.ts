import { describe, expect, it } from "vitest";
import { SubgraphSettings } from "./settings.ts";

describe("settings of a subgraph", () => {
  it("are complete when none is given", () => {
    expect(SubgraphSettings.parse({})).toEqual({
      timeoutMs: 5_000,
      connectTimeoutMs: 2_000,
      maxResponseBytes: 20_000_000,
      maxConcurrent: 512,
      maxQueued: 1_024,
      retries: 2,
      retryBudget: 0.1,
      deduplicate: true,
      breaker: { failureRatio: 0.5, windowMs: 10_000, minimumCalls: 20, consecutiveFailures: null, openMs: 1_000 },
      ejection: { consecutiveFailures: 5, ejectMs: 5_000, maxEjectedRatio: 0.5 },
    });
  });

  it("complete what is given of the breaker, and let it be left out", () => {
    expect(SubgraphSettings.parse({ breaker: { openMs: 50 } }).breaker).toMatchObject({ openMs: 50, minimumCalls: 20 });
    expect(SubgraphSettings.parse({ breaker: false, ejection: false })).toMatchObject({
      breaker: false,
      ejection: false,
    });
  });

  it.each([
    [{ timeout: 5 }],
    [{ timeoutMs: 0 }],
    [{ timeoutMs: "5s" }],
    [{ retries: 3 }],
    [{ retryBudget: 1.1 }],
    [{ maxQueued: -1 }],
    [{ breaker: true }],
    [{ breaker: { failureRatio: 0 } }],
    [{ breaker: { openSeconds: 1 } }],
    [{ ejection: { maxEjectedRatio: 2 } }],
  ])("refuse %j", (given) => {
    expect(SubgraphSettings.safeParse(given).success).toBe(false);
  });

  it("all say what they are", () => {
    const undocumented = Object.entries(SubgraphSettings.shape).filter(([, schema]) => !schema.description);
    expect(undocumented).toEqual([]);
  });
});
