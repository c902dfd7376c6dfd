/** Every officially assigned ISO 3166-1 alpha-2 code. */
const COUNTRY_CODES: ReadonlySet<string> = new Set(
  (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO " +
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE " +
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO " +
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW " +
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM " +
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
  ).split(" "),
);

/** True for an assigned code in capitals: `DE`, not `de`, `UK` or `XX`. */
export const isCountry = (code: string): boolean => COUNTRY_CODES.has(code);

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
