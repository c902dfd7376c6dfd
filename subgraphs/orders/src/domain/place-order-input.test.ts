import { describe, expect, it } from "vitest";
import { parsePlaceOrder, type RawPlaceOrder } from "./place-order-input.ts";

const input = ({
  shippingAddress,
  ...changes
}: Partial<Omit<RawPlaceOrder, "shippingAddress">> & {
  shippingAddress?: Partial<RawPlaceOrder["shippingAddress"]>;
} = {}): RawPlaceOrder => ({
  idempotencyKey: "key-1",
  paymentMethodToken: "tok_approve",
  expectedTotal: "48.90",
  ...changes,
  shippingAddress: {
    line1: "Sveavägen 44",
    line2: null,
    city: "Stockholm",
    region: null,
    postalCode: "111 34",
    country: "SE",
    ...shippingAddress,
  },
});

const wrongPaths = (raw: RawPlaceOrder): string[] => {
  const result = parsePlaceOrder(raw);
  return result.kind === "invalid" ? result.fields.map(({ path }) => path.join(".")) : [];
};

describe("parsePlaceOrder", () => {
  it("trims, takes empty optional fields for absent, and reads the total exactly", () => {
    expect(
      parsePlaceOrder(
        input({
          expectedTotal: "48.9",
          shippingAddress: { line1: "  Sveavägen 44 🏠 ", line2: " ", region: undefined },
        }),
      ),
    ).toEqual({
      kind: "ok",
      request: {
        idempotencyKey: "key-1",
        paymentMethodToken: "tok_approve",
        expectedTotalMinor: 4_890n,
        shippingAddress: {
          line1: "Sveavägen 44 🏠",
          line2: null,
          city: "Stockholm",
          region: null,
          postalCode: "111 34",
          country: "SE",
        },
      },
    });
  });

  it.each([
    ["an empty first line", input({ shippingAddress: { line1: "  " } }), "shippingAddress.line1"],
    ["a long first line", input({ shippingAddress: { line1: "x".repeat(201) } }), "shippingAddress.line1"],
    ["a megabyte", input({ shippingAddress: { line1: "x".repeat(1_048_576) } }), "shippingAddress.line1"],
    ["a NUL", input({ shippingAddress: { line1: "a\u0000b" } }), "shippingAddress.line1"],
    ["half a character", input({ paymentMethodToken: "tok_\ud83d" }), "paymentMethodToken"],
    ["a line break", input({ shippingAddress: { line2: "a\nb" } }), "shippingAddress.line2"],
    ["a long second line", input({ shippingAddress: { line2: "x".repeat(201) } }), "shippingAddress.line2"],
    ["no city", input({ shippingAddress: { city: "" } }), "shippingAddress.city"],
    ["a long city", input({ shippingAddress: { city: "x".repeat(101) } }), "shippingAddress.city"],
    ["a long region", input({ shippingAddress: { region: "x".repeat(101) } }), "shippingAddress.region"],
    ["a long postal code", input({ shippingAddress: { postalCode: "1".repeat(21) } }), "shippingAddress.postalCode"],
    ["an unknown country", input({ shippingAddress: { country: "XX" } }), "shippingAddress.country"],
    ["a country in small letters", input({ shippingAddress: { country: "se" } }), "shippingAddress.country"],
    ["an empty key", input({ idempotencyKey: "" }), "idempotencyKey"],
    ["a long key", input({ idempotencyKey: "k".repeat(101) }), "idempotencyKey"],
    ["an empty token", input({ paymentMethodToken: "" }), "paymentMethodToken"],
    ["a long token", input({ paymentMethodToken: "t".repeat(201) }), "paymentMethodToken"],
    ["three decimals", input({ expectedTotal: "48.901" }), "expectedTotal"],
    ["a negative total", input({ expectedTotal: "-0.01" }), "expectedTotal"],
    ["a total beyond all money", input({ expectedTotal: "9".repeat(30) }), "expectedTotal"],
  ])("refuses %s, and says where", (_what, raw, path) => {
    expect(wrongPaths(raw)).toEqual([path]);
  });

  it("takes each field at its longest", () => {
    const longest = input({
      idempotencyKey: "k".repeat(100),
      paymentMethodToken: "t".repeat(200),
      shippingAddress: {
        line1: "x".repeat(200),
        line2: "x".repeat(200),
        city: "x".repeat(100),
        region: "x".repeat(100),
        postalCode: "1".repeat(20),
      },
    });
    expect(parsePlaceOrder(longest).kind).toBe("ok");
  });

  it("tells of everything that is wrong at once", () => {
    const raw = input({ idempotencyKey: "", expectedTotal: "1.001", shippingAddress: { city: "", country: "" } });
    expect(wrongPaths(raw)).toEqual([
      "idempotencyKey",
      "shippingAddress.city",
      "shippingAddress.country",
      "expectedTotal",
    ]);
  });
});
