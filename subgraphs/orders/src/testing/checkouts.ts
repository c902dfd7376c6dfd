import { eventually } from "@supergraph/testing";
import { expect } from "vitest";
import type { TestShop } from "./shop.ts";
import type { Script } from "./world.ts";

/** What tests ask of the orders under way in a shop. */
export const checkoutsOf = (shop: TestShop) => ({
  /** A fresh customer's order, while the services around answer as `script` says. */
  async placed(script: Script) {
    shop.world.script = script;
    return shop.placedOrder();
  },

  async reservationOf(orderId: string): Promise<string> {
    const [row] = await shop.sql<{ id: string }[]>`select reservation_id as id from sagas where order_id = ${orderId}`;
    return row?.id ?? "";
  },

  async cancelReasonOf(orderId: string): Promise<string | null> {
    const [row] = await shop.sql<
      { reason: string | null }[]
    >`select cancel_reason as reason from orders where id = ${orderId}`;
    return row?.reason ?? null;
  },

  /** Waits until so many commands of a type were sent for the order. */
  untilCommand: (orderId: string, type: string, count = 1) =>
    eventually(() => {
      expect(shop.world.typesFor(orderId).filter((sent) => sent === type)).toHaveLength(count);
    }),

  /** Leaves no order under way: the next test's clock must not wake it. */
  async endAll(): Promise<void> {
    shop.world.script = {};
    await shop.sql`update sagas set state = 'CANCELLED', deadline_at = null, payment_method_token = null
      where deadline_at is not null`;
  },
});

export type Checkouts = ReturnType<typeof checkoutsOf>;
