import { describe, expect, it } from "vitest";
import { createLanes } from "./lanes.ts";
import { gate } from "./testing/messages.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("lanes", () => {
  it("run what has one key in turn, and other keys beside it", async () => {
    const lanes = createLanes();
    const first = gate();
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    const all = [
      lanes.inOrder("a", async () => {
        order.push("a1");
        await first.passed;
      }),
      lanes.inOrder("a", note("a2")),
      lanes.inOrder("b", note("b1")),
    ];
    await turn();
    expect(order).toEqual(["a1", "b1"]);
    first.open();
    await Promise.all(all);
    expect(order).toEqual(["a1", "b1", "a2"]);
  });

  it("hand a rejection to the caller and go on with the key", async () => {
    const lanes = createLanes();
    const failed = lanes.inOrder("a", () => Promise.reject(new Error("no")));
    const next = lanes.inOrder("a", async () => "next");
    await expect(failed).rejects.toThrow("no");
    await expect(next).resolves.toBe("next");
  });
});
