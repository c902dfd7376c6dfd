import { silentLogger } from "@supergraph/service";
import { describe, expect, it } from "vitest";
import type { OrderRow } from "../db/schema.ts";
import { anOrder } from "../testing/an-order.ts";
import { type OrderSource, watchOrder } from "./order-subscription.ts";

/** An order whose status a test sets, and what the subscription does with its watch. */
const world = (status: OrderRow["status"] | null) => {
  let wake: (changed: boolean) => void = () => undefined;
  const state = {
    status,
    failing: false,
    ended: false,
    loads: 0,
    change: () => wake(true),
  };
  const loaders: OrderSource["loaders"] = {
    forgetOrder: () => undefined,
    order: {
      load: async () => {
        state.loads += 1;
        if (state.failing) throw new Error("the database is down");
        return state.status === null ? null : anOrder({ status: state.status });
      },
    },
  };
  const live = {
    watch: () => ({
      changed: () =>
        new Promise<boolean>((resolve) => {
          wake = resolve;
        }),
      end: () => {
        state.ended = true;
        wake(false);
      },
    }),
    stop: async () => undefined,
  };
  return { state, context: { loaders, live, log: silentLogger() } };
};

describe("watchOrder", () => {
  it("answers the order, then its changes, and nothing where the status stayed", async () => {
    const { state, context } = world("PENDING");
    const orders = await watchOrder("ord_1", context);
    expect(await orders.next()).toMatchObject({ value: { status: "PENDING" } });
    const next = orders.next();
    state.change();
    await eventuallyLoaded(state, 2);
    state.status = "CONFIRMED";
    state.change();
    expect(await next).toMatchObject({ done: false, value: { status: "CONFIRMED" } });
  });

  it.each(["DELIVERED", "CANCELLED"] as const)("completes after %s", async (status) => {
    const { state, context } = world(status);
    const orders = await watchOrder("ord_1", context);
    expect(await orders.next()).toMatchObject({ done: false });
    expect(await orders.next()).toEqual({ done: true, value: undefined });
    expect(state.ended).toBe(true);
  });

  it("ends while it waits, when the client leaves", async () => {
    const { state, context } = world("PENDING");
    const orders = await watchOrder("ord_1", context);
    await orders.next();
    const waiting = orders.next();
    await orders.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(state.ended).toBe(true);
  });

  it("ends when the order cannot be read any longer", async () => {
    const { state, context } = world("PENDING");
    const orders = await watchOrder("ord_1", context);
    await orders.next();
    const waiting = orders.next();
    state.failing = true;
    state.change();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(state.ended).toBe(true);
  });

  it("refuses an order that the viewer cannot see, and watches it no longer", async () => {
    const { state, context } = world(null);
    await expect(watchOrder("ord_1", context)).rejects.toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
    expect(state.ended).toBe(true);
  });
});

const eventuallyLoaded = async (state: { loads: number }, loads: number): Promise<void> => {
  while (state.loads < loads) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
};
