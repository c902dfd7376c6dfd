import { expect, it } from "vitest";
import { manualClock } from "./clock.ts";

it("stands still until it is advanced", () => {
  const clock = manualClock("2026-01-31T12:00:00.000Z");
  expect(clock.now()).toEqual(new Date("2026-01-31T12:00:00.000Z"));
  clock.advance(90_000);
  expect(clock.now()).toEqual(new Date("2026-01-31T12:01:30.000Z"));
});

it("refuses what is no time", () => {
  expect(() => manualClock("noon")).toThrow(/RFC 3339/);
});
