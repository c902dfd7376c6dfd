import { describe, expect, it } from "vitest";
import type { Shop } from "./model.ts";
import { DEFAULT_MIX, drawPlan } from "./purchases.ts";
import { createRandom } from "./random.ts";

const wares = (name: string) =>
  Array.from({ length: 10 }, (_, index) => ({ variantId: `${name}-${index}`, onHand: 9 }));
const account = { id: "usr_1", email: "a@example.com", password: "secret" };
const shop: Shop = { customers: [account], support: account, plentiful: wares("plenty"), scarce: wares("rare") };

const plans = (seed: number, mix = DEFAULT_MIX) => {
  const random = createRandom(seed);
  return Array.from({ length: 4_000 }, (_, index) => drawPlan(random, shop, mix, `order-${index}`));
};

describe("what customers set out to buy", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(plans(1)).toEqual(plans(1));
    expect(plans(1)).not.toEqual(plans(2));
  });

  it("has the shares that the mix says", () => {
    const drawn = plans(3, { ...DEFAULT_MIX, scarce: 0.25, cancelled: 0.5, doubled: 0.1, tokens: { a: 3, b: 1 } });
    const share = (has: (plan: (typeof drawn)[number]) => boolean) => drawn.filter(has).length / drawn.length;
    expect(share(({ purchase }) => purchase.variantId.startsWith("rare"))).toBeCloseTo(0.25, 1);
    expect(share(({ cancelAfterMs }) => cancelAfterMs !== null)).toBeCloseTo(0.5, 1);
    expect(share(({ purchase }) => purchase.isDoubled)).toBeCloseTo(0.1, 1);
    expect(share(({ purchase }) => purchase.paymentMethodToken === "a")).toBeCloseTo(0.75, 1);
  });

  it("is the same for the rest when one share changes", () => {
    const quantities = (drawn: ReturnType<typeof plans>) => drawn.map(({ purchase }) => purchase.quantity);
    expect(quantities(plans(4, { ...DEFAULT_MIX, scarce: 1, cancelled: 1 }))).toEqual(quantities(plans(4)));
  });

  it("is at once called off by some, and later by others", () => {
    const delays = plans(5).flatMap(({ cancelAfterMs }) => (cancelAfterMs === null ? [] : [cancelAfterMs]));
    expect(delays).toContain(0);
    expect(Math.max(...delays)).toBeGreaterThan(2_000);
  });
});
