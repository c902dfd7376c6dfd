import type { Message } from "@supergraph/messaging";
import { beforeEach, describe, expect, it } from "vitest";
import { type LiveOrders, startLiveOrders } from "./live-orders.ts";

let change: (orderId: string) => void;
let listening: boolean;
let live: LiveOrders;
beforeEach(async () => {
  listening = true;
  live = await startLiveOrders({
    async tail(subjects, listener) {
      change = (key) =>
        listener({ subject: subjects[0] ?? "", key, envelope: {} as Message["envelope"] } satisfies Message);
      return async () => {
        listening = false;
      };
    },
  });
});

describe("watching an order", () => {
  it("tells of a change that comes while somebody waits", async () => {
    const changed = live.watch("ord_1").changed();
    change("ord_1");
    expect(await changed).toBe(true);
  });

  it("tells of a change that came before somebody asked, of many as of one", async () => {
    const watch = live.watch("ord_1");
    for (let n = 0; n < 1_000; n += 1) change("ord_1");
    expect(await watch.changed()).toBe(true);
    const next = watch.changed();
    watch.end();
    expect(await next).toBe(false);
  });

  it("is not woken by other orders", async () => {
    const watch = live.watch("ord_1");
    const changed = watch.changed();
    change("ord_2");
    watch.end();
    expect(await changed).toBe(false);
  });

  it("wakes everybody who watches the same order", async () => {
    const waits = [live.watch("ord_1"), live.watch("ord_1")].map((watch) => watch.changed());
    change("ord_1");
    expect(await Promise.all(waits)).toEqual([true, true]);
  });

  it("ends with the process, and so does listening to the bus", async () => {
    const changed = live.watch("ord_1").changed();
    await live.stop();
    expect(await changed).toBe(false);
    expect(listening).toBe(false);
  });
});
