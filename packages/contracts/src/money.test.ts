import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { currencyDecimals, formatAmount, isCurrency, MoneySchema, money, parseAmount, toMoneyView } from "./money.ts";

const MAX = 1_000_000_000_000_000n;

describe("reading an amount", () => {
  it.each([
    ["19.99", "EUR", 1_999n],
    ["19.9", "EUR", 1_990n],
    ["19", "EUR", 1_900n],
    ["19.9900", "EUR", 1_999n],
    ["0.01", "EUR", 1n],
    ["-0.01", "EUR", -1n],
    ["-19.99", "EUR", -1_999n],
    ["-0", "EUR", 0n],
    ["007.50", "EUR", 750n],
    ["1999", "JPY", 1_999n],
    ["1999.00", "JPY", 1_999n],
    ["-1", "JPY", -1n],
    ["1.234", "KWD", 1_234n],
    ["-0.001", "KWD", -1n],
    ["10000000000000.00", "EUR", MAX],
    ["-10000000000000.00", "EUR", -MAX],
  ])("takes %s %s for %s minor units", (amount, currency, minorUnits) => {
    expect(parseAmount(amount, currency)).toEqual({ kind: "ok", money: { minorUnits, currency } });
  });

  it.each([
    ["19.999", "EUR", 2],
    ["0.001", "EUR", 2],
    ["19.990000000000000000000000000001", "EUR", 2],
    ["19.5", "JPY", 0],
    ["1.2345", "KWD", 3],
  ])("refuses, and does not round, %s %s", (amount, currency, allowedDecimals) => {
    expect(parseAmount(amount, currency)).toEqual({ kind: "tooPrecise", allowedDecimals });
  });

  it.each(["10000000000000.01", "-10000000000000.01", "9".repeat(30)])("refuses %s as out of range", (amount) => {
    expect(parseAmount(amount)).toEqual({ kind: "outOfRange" });
  });

  it.each([
    "",
    " ",
    "abc",
    "1,99",
    ".99",
    "1.",
    "+1",
    "--1",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "1 000",
    " 1",
    "1\n",
    "１",
    "1\0",
    "9".repeat(31),
    "-",
  ])("refuses %j as no number", (amount) => {
    expect(parseAmount(amount)).toEqual({ kind: "notANumber" });
  });

  it.each(["", "eur", "XX", "EURO", "€", "ZZZ"])("refuses the currency %j", (currency) => {
    expect(isCurrency(currency)).toBe(false);
    expect(parseAmount("1", currency)).toEqual({ kind: "unknownCurrency", currency });
  });
});

describe("writing an amount", () => {
  it.each([
    [1_999n, "EUR", "19.99"],
    [1_900n, "EUR", "19.00"],
    [1n, "EUR", "0.01"],
    [-1n, "EUR", "-0.01"],
    [-100n, "EUR", "-1.00"],
    [0n, "EUR", "0.00"],
    [0n, "JPY", "0"],
    [-1_999n, "JPY", "-1999"],
    [5n, "KWD", "0.005"],
    [2n ** 63n - 1n, "EUR", "92233720368547758.07"],
  ])("has all decimals of the currency: %s minor units of %s are %s", (minorUnits, currency, amount) => {
    expect(toMoneyView({ minorUnits, currency })).toEqual({ amount, minorUnits, currency });
  });

  it("is what reading takes back, for every amount and currency", () => {
    const anAmount = fc.bigInt({ min: -MAX, max: MAX });
    const aCurrency = fc.constantFrom(...Intl.supportedValuesOf("currency"));
    fc.assert(
      fc.property(anAmount, aCurrency, (minorUnits, currency) => {
        const amount = formatAmount({ minorUnits, currency });
        expect(parseAmount(amount, currency)).toEqual({ kind: "ok", money: { minorUnits, currency } });
        expect(amount.split(".")[1]?.length ?? 0).toBe(currencyDecimals(currency));
      }),
    );
  });

  it("is in the shop's currency unless another is given", () => {
    expect(money(1n)).toEqual({ minorUnits: 1n, currency: "EUR" });
  });
});

describe("money in an event", () => {
  it("travels as text, and comes back exact", () => {
    const amount = { minorUnits: 9_007_199_254_740_993n, currency: "EUR" };
    const sent = JSON.stringify(MoneySchema.encode(amount));
    expect(sent).toBe('{"minorUnits":"9007199254740993","currency":"EUR"}');
    expect(MoneySchema.decode(JSON.parse(sent))).toEqual(amount);
  });

  it.each([
    { minorUnits: 1, currency: "EUR" },
    { minorUnits: "1.5", currency: "EUR" },
    { minorUnits: "", currency: "EUR" },
    { minorUnits: "9".repeat(19), currency: "EUR" },
    { minorUnits: "1", currency: "€€€" },
    { minorUnits: "1", currency: "eur" },
    { minorUnits: "1" },
    null,
  ])("is refused as %j", (value) => {
    expect(MoneySchema.safeParse(value).success).toBe(false);
  });
});
