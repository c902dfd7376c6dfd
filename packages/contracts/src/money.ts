import { Decimal } from "decimal.js";
import { z } from "zod";

/** An amount in the minor units of `currency` (ISO 4217): `{ minorUnits: 1999n, currency: "EUR" }` is 19.99 EUR. */
export interface Money {
  readonly minorUnits: bigint;
  readonly currency: string;
}

/** What the `Money` type of the graph answers: `amount` is exact decimal text, derived from `minorUnits`. */
export interface MoneyView extends Money {
  readonly amount: string;
}

export type ParseAmountResult =
  | { kind: "ok"; money: Money }
  | { kind: "unknownCurrency"; currency: string }
  | { kind: "tooPrecise"; allowedDecimals: number }
  | { kind: "notANumber" }
  | { kind: "outOfRange" };

/** The shop's one currency. A second one needs a price list a currency, not a conversion. */
export const SHOP_CURRENCY = "EUR";

/** Postgres `bigint` holds less than 2^63; stay far below so that sums of lines cannot overflow. */
const MAX_MINOR_UNITS = 1_000_000_000_000_000n;

const knownCurrencies = new Set(Intl.supportedValuesOf("currency"));

export const isCurrency = (currency: string): boolean => knownCurrencies.has(currency);

/** Decimals of the currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD. */
export const currencyDecimals = (currency: string): number => {
  const known = decimalsByCurrency.get(currency);
  if (known !== undefined) return known;
  const decimals =
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  if (isCurrency(currency)) decimalsByCurrency.set(currency, decimals);
  return decimals;
};

/** A formatter costs more than all else about an amount, and a page of products has hundreds of amounts. */
const decimalsByCurrency = new Map<string, number>();

export const money = (minorUnits: bigint, currency: string = SHOP_CURRENCY): Money => ({ minorUnits, currency });

/** Reads decimal text such as `19.99`. Refuses, rather than rounds, more decimals than the currency has. */
export const parseAmount = (amount: string, currency: string = SHOP_CURRENCY): ParseAmountResult => {
  if (!isCurrency(currency)) return { kind: "unknownCurrency", currency };
  if (!/^-?\d{1,30}(\.\d{1,30})?$/.test(amount)) return { kind: "notANumber" };
  const allowedDecimals = currencyDecimals(currency);
  const value = new Decimal(amount);
  if (value.decimalPlaces() > allowedDecimals) return { kind: "tooPrecise", allowedDecimals };
  const [whole = "0", fraction = ""] = amount.replace("-", "").split(".");
  const magnitude = BigInt(whole + fraction.slice(0, allowedDecimals).padEnd(allowedDecimals, "0"));
  if (magnitude > MAX_MINOR_UNITS) return { kind: "outOfRange" };
  return { kind: "ok", money: money(amount.startsWith("-") ? -magnitude : magnitude, currency) };
};

/** Exact decimal text with all decimals of the currency: `19.90`. */
export const formatAmount = ({ minorUnits, currency }: Money): string => {
  const decimals = currencyDecimals(currency);
  const digits = (minorUnits < 0n ? -minorUnits : minorUnits).toString().padStart(decimals + 1, "0");
  const sign = minorUnits < 0n ? "-" : "";
  return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
};

export const toMoneyView = (value: Money): MoneyView => ({
  amount: formatAmount(value),
  minorUnits: value.minorUnits,
  currency: value.currency,
});

const MinorUnits = z.codec(z.string().regex(/^-?\d{1,18}$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (minorUnits) => minorUnits.toString(),
});

/** Money inside an event: minor units travel as decimal text, since JSON numbers lose precision. */
export const MoneySchema = z.object({ minorUnits: MinorUnits, currency: z.string().regex(/^[A-Z]{3}$/) });
