import { type Baseline, unless, type Violation } from "./rules.ts";
import type { Goods } from "./shop-state.ts";

export const violationsOfGoods = (goods: Goods, baseline: Baseline): Violation[] => [
  ...violationsOfStock(goods, baseline),
  ...violationsOfPrices(goods),
];

const violationsOfStock = ({ stock }: Goods, { originOfVariants }: Baseline): Violation[] =>
  stock.flatMap(({ variantId, onHand, reserved, held, origin }) => {
    const before = originOfVariants.get(variantId) ?? 0;
    return [
      ...unless(
        reserved >= 0 && reserved <= onHand,
        "0 ≤ reserved ≤ on_hand",
        () => `${variantId}: ${reserved} reserved of ${onHand}`,
      ),
      ...unless(
        reserved === held,
        "what is reserved is held by reservations",
        () => `${variantId}: ${reserved} reserved, but its held reservations are about ${held}`,
      ),
      ...unless(
        origin === before,
        "on_hand moves only by what was sold, restocked or adjusted",
        () => `${variantId}: ${onHand} on hand, ${origin - before} too many for what was sold and adjusted`,
      ),
    ];
  });

/** The price list is made of events alone: one that was lost, or applied after a newer one, shows here. */
const violationsOfPrices = ({ catalogue, priceList }: Goods): Violation[] => {
  const known = new Map(priceList.map((price) => [price.variantId, price]));
  return catalogue.flatMap(({ variantId, version, priceMinor }) => {
    const there = known.get(variantId);
    return unless(
      there?.version === version && there.priceMinor === priceMinor,
      "orders knows the prices of the catalogue",
      () =>
        `${variantId} costs ${priceMinor} (version ${version}); orders knows ${there ? `${there.priceMinor} (version ${there.version})` : "nothing of it"}`,
    );
  });
};
