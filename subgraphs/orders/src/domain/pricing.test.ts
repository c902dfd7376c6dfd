import { isCountry } from "@supergraph/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInEu, shippingZone } from "./countries.ts";
import { isSellable, priceOrder, shippingEstimate } from "./pricing.ts";

const mugs = (quantity: number, { unitPriceMinor = 2_000n, weightGrams = 500 } = {}) => [
  { quantity, unitPriceMinor, weightGrams },
];

describe("priceOrder", () => {
  it("adds shipping to the gross subtotal, and never adds the tax", () => {
    expect(priceOrder(mugs(2), "SE")).toEqual({
      subtotalMinor: 4_000n,
      shippingMinor: 890n,
      // A quarter on top of the net is a fifth of the gross.
      taxMinor: 978n,
      totalMinor: 4_890n,
    });
  });

  it.each([
    ["DE", 500, 490n],
    ["DE", 1_000, 490n],
    ["DE", 1_001, 540n],
    ["SE", 3_500, 1_250n],
    ["CH", 2_000, 1_740n],
    ["JP", 1_000, 2_490n],
    ["JP", 10_000, 9_690n],
  ])("sends to %s what weighs %i g for %s cents", (country, weightGrams, shippingMinor) => {
    expect(priceOrder(mugs(1, { weightGrams }), country).shippingMinor).toBe(shippingMinor);
  });

  it("sends free of charge inside the EU from 50.00 on, however heavy, and nowhere else", () => {
    const heavy = { unitPriceMinor: 5_000n, weightGrams: 90_000 };
    expect(priceOrder(mugs(1, heavy), "SE").shippingMinor).toBe(0n);
    expect(priceOrder(mugs(1, { ...heavy, unitPriceMinor: 4_999n }), "SE").shippingMinor).toBeGreaterThan(0n);
    expect(priceOrder(mugs(1, heavy), "GB").shippingMinor).toBeGreaterThan(0n);
  });

  it("includes no value added tax outside of the EU", () => {
    expect(priceOrder(mugs(1), "US").taxMinor).toBe(0n);
  });

  it.each([
    // 25 % included: 2 of 10 parts are tax.
    [5_002n, "SE", 1_000n],
    [5_003n, "SE", 1_001n],
    // 20 % included, a sixth: 5001 / 6 = 833.5 and 5007 / 6 = 834.5, halves to even.
    [5_001n, "FR", 834n],
    [5_007n, "FR", 834n],
    // 25.5 %, to a tenth of a percent.
    [12_550n, "FI", 2_550n],
  ])("rounds the tax in %s cents sent to %s half to even: %s", (unitPriceMinor, country, taxMinor) => {
    expect(priceOrder(mugs(1, { unitPriceMinor }), country).taxMinor).toBe(taxMinor);
  });

  it("costs nothing to order nothing", () => {
    expect(priceOrder([], "SE")).toEqual({ subtotalMinor: 0n, taxMinor: 0n, shippingMinor: 0n, totalMinor: 0n });
  });

  it("stays exact far beyond what a float holds", () => {
    const lines = [{ quantity: 99, unitPriceMinor: 900_719_925_474_099_301n, weightGrams: 1 }];
    expect(priceOrder(lines, "US").subtotalMinor).toBe(89_171_272_621_935_830_799n);
  });

  it("always charges subtotal and shipping, of which the tax is a part", () => {
    const line = fc.record({
      quantity: fc.integer({ min: 1, max: 99 }),
      unitPriceMinor: fc.bigInt({ min: 0n, max: 10_000_000n }),
      weightGrams: fc.integer({ min: 0, max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), fc.constantFrom("DE", "HU", "CH", "BR"), (lines, country) => {
        const { subtotalMinor, shippingMinor, taxMinor, totalMinor } = priceOrder(lines, country);
        expect(totalMinor).toBe(subtotalMinor + shippingMinor);
        expect(taxMinor >= 0n && taxMinor <= totalMinor).toBe(true);
      }),
    );
  });

  it("refuses what is not a country, since its caller has to", () => {
    expect(() => priceOrder(mugs(1), "XX")).toThrow(RangeError);
  });
});

describe("shippingEstimate", () => {
  it("is the tariff for one piece alone", () => {
    expect(shippingEstimate(1_500, "SE")).toBe(1_010n);
  });

  it.each(["", "XX", "se", "SWE", "constructor"])("is unknown for %j", (country) => {
    expect(shippingEstimate(1_500, country)).toBeNull();
  });
});

describe("countries", () => {
  it("knows the 27 of the EU by their tax, and where parcels go", () => {
    const codes = Array.from({ length: 676 }, (_, n) =>
      String.fromCharCode(65 + Math.floor(n / 26), 65 + (n % 26)),
    ).filter(isCountry);
    expect(codes).toHaveLength(249);
    expect(codes.filter(isInEu)).toHaveLength(27);
    expect(["DE", "AT", "CH", "BR"].map(shippingZone)).toEqual(["DOMESTIC", "EU", "EUROPE", "WORLD"]);
  });

  it.each(["toString", "__proto__", "constructor"])("does not take %s for a member of the EU", (code) => {
    expect(isInEu(code)).toBe(false);
  });
});

describe("isSellable", () => {
  it("wants the variant to be sold, and in the shop's currency", () => {
    expect(isSellable({ purchasable: true, currency: "EUR" })).toBe(true);
    expect(isSellable({ purchasable: false, currency: "EUR" })).toBe(false);
    expect(isSellable({ purchasable: true, currency: "USD" })).toBe(false);
  });
});
