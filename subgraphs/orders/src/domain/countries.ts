/** Standard rates of value added tax in the EU in tenths of a percent, as of January 2026. Elsewhere none is included. */
const VAT_PER_MILLE: Readonly<Record<string, bigint>> = {
  AT: 200n,
  BE: 210n,
  BG: 200n,
  CY: 190n,
  CZ: 210n,
  DE: 190n,
  DK: 250n,
  EE: 240n,
  ES: 210n,
  FI: 255n,
  FR: 200n,
  GR: 240n,
  HR: 250n,
  HU: 270n,
  IE: 230n,
  IT: 220n,
  LT: 210n,
  LU: 170n,
  LV: 210n,
  MT: 180n,
  NL: 210n,
  PL: 230n,
  PT: 230n,
  RO: 210n,
  SE: 250n,
  SI: 220n,
  SK: 230n,
};

export const vatPerMille = (country: string): bigint => (isInEu(country) ? VAT_PER_MILLE[country] : undefined) ?? 0n;

export const isInEu = (country: string): boolean => Object.hasOwn(VAT_PER_MILLE, country);

export type ShippingZone = "DOMESTIC" | "EU" | "EUROPE" | "WORLD";

/** Where the goods are sent from. */
const HOME = "DE";

/** European countries outside the EU that the carriers reach by road. */
const REST_OF_EUROPE: ReadonlySet<string> = new Set(
  "AD AL BA CH FO GB GG GI IM IS JE LI MC MD ME MK NO RS SM UA VA".split(" "),
);

export const shippingZone = (country: string): ShippingZone =>
  country === HOME ? "DOMESTIC" : isInEu(country) ? "EU" : REST_OF_EUROPE.has(country) ? "EUROPE" : "WORLD";
