import { describe, expect, it } from "vitest";
import { eventually } from "./eventually.ts";

describe("eventually", () => {
  it("answers what the assertion returned once it no longer throws", async () => {
    let attempts = 0;
    const value = await eventually(() => {
      attempts += 1;
      if (attempts < 3) throw new Error("not yet");
      return "done";
    });
    expect(value).toBe("done");
  });

  it("rejects with the assertion's last error when time is up", async () => {
    await expect(eventually(() => expect(1).toBe(2), { timeoutMs: 50 })).rejects.toThrow(/expected 1 to be 2/);
  });

  it("does not wait for an assertion that hangs", async () => {
    await expect(eventually(() => new Promise(() => undefined), { timeoutMs: 50 })).rejects.toThrow(/did not settle/);
  });
});
