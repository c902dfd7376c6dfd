import { describe, expect, it } from "vitest";
import { isBlocked, type LoginFailures, rememberFailure } from "./login-throttle.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const noon = new Date("2026-01-31T12:00:00Z");
const after = (ms: number) => new Date(noon.getTime() + ms);

/** What is remembered after failures at noon, one after another, each as soon as the block before it has ended. */
const afterFailures = (count: number): { memory: LoginFailures | undefined; now: Date } => {
  let memory: LoginFailures | undefined;
  let now = noon;
  for (let i = 0; i < count; i++) {
    now = memory?.blockedUntil ?? now;
    memory = rememberFailure(memory, now);
  }
  return { memory, now };
};

const blockMs = (count: number): number => {
  const { memory, now } = afterFailures(count);
  return memory?.blockedUntil ? memory.blockedUntil.getTime() - now.getTime() : 0;
};

describe("failures to sign in", () => {
  it("block nothing before the tenth", () => {
    expect(blockMs(9)).toBe(0);
  });

  it("block for 30 seconds from the tenth, then twice as long each time, up to 15 minutes", () => {
    expect([10, 11, 12, 13, 14, 15, 16].map((count) => blockMs(count) / SECOND)).toEqual([
      30, 60, 120, 240, 480, 900, 900,
    ]);
  });

  it("never block longer, however many they are", () => {
    const memory = rememberFailure({ failures: 5_000, lastFailedAt: noon, blockedUntil: null }, noon);
    expect(memory.blockedUntil).toEqual(after(15 * MINUTE));
  });

  it("do not count during a block, so that nobody can be locked out for good", () => {
    const { memory, now } = afterFailures(10);
    const during = new Date(now.getTime() + 29 * SECOND);
    expect(isBlocked(memory, during)).toBe(true);
    expect(rememberFailure(memory, during)).toEqual(memory);
  });

  it("block no longer at the moment that the block ends", () => {
    const { memory, now } = afterFailures(10);
    expect(isBlocked(memory, new Date(now.getTime() + 30 * SECOND))).toBe(false);
  });

  it("are forgotten after 15 minutes without one", () => {
    const { memory } = afterFailures(9);
    expect(rememberFailure(memory, after(15 * MINUTE - 1)).failures).toBe(10);
    expect(rememberFailure(memory, after(15 * MINUTE)).failures).toBe(1);
  });

  it("are forgotten 15 minutes after a block has ended, not after it began", () => {
    const { memory, now } = afterFailures(16);
    expect(rememberFailure(memory, new Date(now.getTime() + 20 * MINUTE)).failures).toBe(17);
    expect(rememberFailure(memory, new Date(now.getTime() + 30 * MINUTE)).failures).toBe(1);
  });
});
