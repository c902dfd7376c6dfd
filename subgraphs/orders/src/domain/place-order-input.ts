import { isCountry, parseAmount } from "@supergraph/contracts";
import { type InvalidField, lineProblem } from "./text.ts";

export interface ShippingAddress {
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string;
  readonly country: string;
}

/** As the client sends it; the graph has checked the types and nothing else. */
export interface RawPlaceOrder {
  readonly idempotencyKey: string;
  readonly shippingAddress: {
    readonly line1: string;
    readonly line2?: string | null | undefined;
    readonly city: string;
    readonly region?: string | null | undefined;
    readonly postalCode: string;
    readonly country: string;
  };
  readonly paymentMethodToken: string;
  /** Decimal text in the shop's currency. */
  readonly expectedTotal: string;
}

export interface PlaceOrder {
  readonly idempotencyKey: string;
  readonly shippingAddress: ShippingAddress;
  readonly paymentMethodToken: string;
  readonly expectedTotalMinor: bigint;
}

export type ParsePlaceOrderResult =
  | { readonly kind: "ok"; readonly request: PlaceOrder }
  | { readonly kind: "invalid"; readonly fields: readonly InvalidField[] };

/** Trims, checks every field and tells of all that are wrong at once. An empty optional field counts as absent. */
export const parsePlaceOrder = (input: RawPlaceOrder): ParsePlaceOrderResult => {
  const fields: InvalidField[] = [];
  const text = (value: string, path: readonly string[], name: string, max: number): string => {
    const trimmed = value.trim();
    const problem = lineProblem(trimmed, { max });
    if (problem !== null) fields.push({ path, message: `${name} ${problem}` });
    return trimmed;
  };
  const optional = (value: string | null | undefined, path: readonly string[], name: string, max: number) =>
    value == null || value.trim() === "" ? null : text(value, path, name, max);

  const idempotencyKey = text(input.idempotencyKey, ["idempotencyKey"], "The idempotency key", 100);
  const { shippingAddress: raw } = input;
  const at = (field: string) => ["shippingAddress", field];
  const shippingAddress: ShippingAddress = {
    line1: text(raw.line1, at("line1"), "The first address line", 200),
    line2: optional(raw.line2, at("line2"), "The second address line", 200),
    city: text(raw.city, at("city"), "The city", 100),
    region: optional(raw.region, at("region"), "The region", 100),
    postalCode: text(raw.postalCode, at("postalCode"), "The postal code", 20),
    country: raw.country,
  };
  if (!isCountry(raw.country))
    fields.push({ path: at("country"), message: "The country must be an ISO 3166-1 alpha-2 code, such as DE." });
  const paymentMethodToken = text(input.paymentMethodToken, ["paymentMethodToken"], "The payment method token", 200);
  const total = parseAmount(input.expectedTotal);
  if (total.kind !== "ok" || total.money.minorUnits < 0n) {
    const message = "The expected total must be a decimal of at least 0 with at most 2 decimals, such as 19.99.";
    fields.push({ path: ["expectedTotal"], message });
    return { kind: "invalid", fields };
  }
  if (fields.length > 0) return { kind: "invalid", fields };
  return {
    kind: "ok",
    request: { idempotencyKey, shippingAddress, paymentMethodToken, expectedTotalMinor: total.money.minorUnits },
  };
};
