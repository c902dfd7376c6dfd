import { isCountry, SHOP_CURRENCY } from "@supergraph/contracts";
import { isInEu, type ShippingZone, shippingZone, vatPerMille } from "./countries.ts";

export interface PricedLine {
  readonly quantity: number;
  /** Gross, in minor units of the shop's currency. */
  readonly unitPriceMinor: bigint;
  /** Of one unit. */
  readonly weightGrams: number;
}

/** All in minor units of the shop's currency. */
export interface Totals {
  readonly subtotalMinor: bigint;
  /** The value added tax that `totalMinor` includes already: it is never added. */
  readonly taxMinor: bigint;
  readonly shippingMinor: bigint;
  /** Subtotal and shipping: what is charged. */
  readonly totalMinor: bigint;
}

/** The first kilogram, and each started one after it. */
interface Tariff {
  readonly baseMinor: bigint;
  readonly perExtraKilogramMinor: bigint;
}

const TARIFFS: Readonly<Record<ShippingZone, Tariff>> = {
  DOMESTIC: { baseMinor: 490n, perExtraKilogramMinor: 50n },
  EU: { baseMinor: 890n, perExtraKilogramMinor: 120n },
  EUROPE: { baseMinor: 1_490n, perExtraKilogramMinor: 250n },
  WORLD: { baseMinor: 2_490n, perExtraKilogramMinor: 800n },
};

/** From this subtotal on the shop pays the carrier inside the EU. */
const FREE_SHIPPING_FROM_MINOR = 5_000n;

const GRAMS_PER_KILOGRAM = 1_000n;

/**
 * What an order of `lines` sent to `country` costs. Prices are gross, so the tax is informational: the VAT of the
 * destination that goods and shipping include, rounded half to even.
 * @throws RangeError when `country` is not one, see {@link isCountry}: the caller checks its input.
 */
export const priceOrder = (lines: readonly PricedLine[], country: string): Totals => {
  if (!isCountry(country)) throw new RangeError(`Expected an ISO 3166-1 alpha-2 country code, got "${country}".`);
  const subtotalMinor = subtotalOf(lines);
  const weightGrams = lines.reduce((sum, line) => sum + BigInt(line.weightGrams) * BigInt(line.quantity), 0n);
  const shippingMinor = lines.length === 0 ? 0n : shippingOf(country, subtotalMinor, weightGrams);
  const totalMinor = subtotalMinor + shippingMinor;
  return { subtotalMinor, taxMinor: includedTax(totalMinor, vatPerMille(country)), shippingMinor, totalMinor };
};

export const subtotalOf = (lines: readonly Pick<PricedLine, "quantity" | "unitPriceMinor">[]): bigint =>
  lines.reduce((sum, line) => sum + line.unitPriceMinor * BigInt(line.quantity), 0n);

/**
 * What sending one unit alone costs, before the rule that makes larger orders free: its price is not known here.
 * Null for an unknown country.
 */
export const shippingEstimate = (weightGrams: number, country: string): bigint | null =>
  isCountry(country) ? tariffOf(country, BigInt(weightGrams)) : null;

/** Whether a variant can be ordered: it is sold, in the shop's currency. */
export const isSellable = ({ purchasable, currency }: { purchasable: boolean; currency: string }): boolean =>
  purchasable && currency === SHOP_CURRENCY;

const shippingOf = (country: string, subtotalMinor: bigint, weightGrams: bigint): bigint =>
  isInEu(country) && subtotalMinor >= FREE_SHIPPING_FROM_MINOR ? 0n : tariffOf(country, weightGrams);

const tariffOf = (country: string, weightGrams: bigint): bigint => {
  const { baseMinor, perExtraKilogramMinor } = TARIFFS[shippingZone(country)];
  const startedKilograms = (weightGrams + GRAMS_PER_KILOGRAM - 1n) / GRAMS_PER_KILOGRAM;
  return baseMinor + perExtraKilogramMinor * (startedKilograms > 1n ? startedKilograms - 1n : 0n);
};

const includedTax = (grossMinor: bigint, perMille: bigint): bigint =>
  divideHalfEven(grossMinor * perMille, 1_000n + perMille);

/** For `dividend` ≥ 0 and `divisor` > 0. */
const divideHalfEven = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor;
  const twiceRest = (dividend % divisor) * 2n;
  const roundsUp = twiceRest > divisor || (twiceRest === divisor && quotient % 2n === 1n);
  return roundsUp ? quotient + 1n : quotient;
};
