import { isCountry } from "@supergraph/contracts";
import { describe, expect, it } from "vitest";
import { type RawAddress, readAddress } from "./address.ts";
import { readEmail } from "./email.ts";
import { readName } from "./name.ts";

describe("readEmail", () => {
  it("answers one spelling for all the ways to type an e-mail", () => {
    expect(readEmail("  Ada.Lovelace+Shop@Example.COM ")).toBe("ada.lovelace+shop@example.com");
    expect(readEmail("Jose\u0301@example.com")).toBe("josé@example.com");
  });

  it("takes international addresses", () => {
    expect(readEmail("用户@例子.广告")).toBe("用户@例子.广告");
  });

  it.each([
    "",
    "ada",
    "ada@",
    "@example.com",
    "ada@example",
    "ada@@example.com",
    "ada lovelace@example.com",
    "ada@exam ple.com",
    "ada@.com",
    "ada@example.",
    "ada@example..com",
    "Ada <ada@example.com>",
    "ada\u0000@example.com",
    "ada\ud800@example.com",
    "a,b@example.com",
  ])("takes %j for no e-mail", (raw) => {
    expect(readEmail(raw)).toBeUndefined();
  });

  it("takes 254 characters and not 255, nor a megabyte", () => {
    const domain = (length: number) => `${"d".repeat(length - ".com".length)}.com`;
    expect(readEmail(`a@${domain(252)}`)).toHaveLength(254);
    expect(readEmail(`a@${domain(253)}`)).toBeUndefined();
    expect(readEmail(`${"a".repeat(1_000_000)}@example.com`)).toBeUndefined();
  });
});

describe("readName", () => {
  it("takes blank for none", () => {
    for (const raw of [null, undefined, "", "  "]) expect(readName(raw)).toEqual({ kind: "ok", value: null });
  });

  it("names the field that it refuses", () => {
    expect(readName("a\u0000b")).toMatchObject({ kind: "invalid", errors: [{ path: ["input", "name"] }] });
  });
});

describe("readAddress", () => {
  const anAddress = (change: Partial<RawAddress> = {}): RawAddress => ({
    line1: "1 Main Street",
    city: "Springfield",
    postalCode: "12345",
    country: "US",
    ...change,
  });
  const refusedFields = (raw: RawAddress) => {
    const read = readAddress(raw);
    return read.kind === "invalid" ? read.errors.map(({ path }) => path.join(".")) : [];
  };

  it("trims, takes blank options for none and upper-cases the country", () => {
    expect(readAddress(anAddress({ line1: " Straße 1 🏠 ", line2: " ", country: "de" }))).toEqual({
      kind: "ok",
      value: {
        line1: "Straße 1 🏠",
        line2: null,
        city: "Springfield",
        region: null,
        postalCode: "12345",
        country: "DE",
      },
    });
  });

  it("names every field at fault at once", () => {
    expect(
      refusedFields({ line1: " ", line2: "a\u0000", city: "", region: "\u0007", postalCode: "\n", country: "XX" }),
    ).toEqual(["input.line1", "input.line2", "input.city", "input.region", "input.postalCode", "input.country"]);
  });

  it("holds each field to its length", () => {
    const x = (length: number) => "x".repeat(length);
    const longest = { line1: x(200), line2: x(200), city: x(100), region: x(100), postalCode: x(20) };
    expect(refusedFields(anAddress(longest))).toEqual([]);
    const tooLong = { line1: x(201), line2: x(201), city: x(101), region: x(101), postalCode: x(21) };
    expect(refusedFields(anAddress(tooLong))).toHaveLength(5);
  });

  it("knows the countries of ISO 3166-1 and nothing else", () => {
    for (const code of ["DE", "US", "SS", "AX"]) expect(isCountry(code)).toBe(true);
    for (const country of ["UK", "EU", "ZZ", "XK", "D", "DEU", "276", "ß", "", "D\u0000"])
      expect(refusedFields(anAddress({ country }))).toEqual(["input.country"]);
  });
});
