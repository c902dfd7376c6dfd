import { GraphQLError, type GraphQLScalarType, parseValue } from "graphql";
import { describe, expect, it } from "vitest";
import { BigIntScalar, DateTimeScalar, DecimalScalar } from "./scalars.ts";

const literal = (scalar: GraphQLScalarType, text: string): unknown => scalar.parseLiteral(parseValue(text));

const refusalOf = (read: () => unknown): GraphQLError => {
  try {
    read();
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
};

const expectRefused = (scalar: GraphQLScalarType, value: unknown): void => {
  const refusal = refusalOf(() => scalar.parseValue(value));
  expect(refusal.extensions.code).toBe("BAD_USER_INPUT");
  expect(refusal.message).toContain(`${scalar.name} cannot represent this value: expected `);
  if (typeof value === "string" && value !== "") expect(refusal.message).not.toContain(`${value}.`);
  if (typeof value !== "string") return;
  expect(refusalOf(() => literal(scalar, JSON.stringify(value))).extensions.code).toBe("BAD_USER_INPUT");
};

describe("DateTime", () => {
  it.each([
    ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000Z"],
    ["2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.123Z"],
    ["2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000Z"],
    ["2026-01-31T23:30:00-01:00", "2026-02-01T00:30:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("reads %s, as a variable and as a literal, and writes it in UTC", (text, utc) => {
    expect(DateTimeScalar.parseValue(text)).toEqual(new Date(utc));
    expect(literal(DateTimeScalar, `"${text}"`)).toEqual(new Date(utc));
    expect(DateTimeScalar.serialize(new Date(utc))).toBe(utc);
    expect(DateTimeScalar.serialize(text)).toBe(utc);
  });

  it.each([
    "2026-02-31T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00+02:00",
    "2026-13-01T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-01-31T12:00:60Z",
    "2026-01-31T12:00:00+24:00",
    "2026-01-31T12:00:00",
    "2026-01-31T12:00Z",
    "2026-01-31",
    "2026-01-31 12:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "+012026-01-31T12:00:00Z",
    "2026-01-31T12:00:00Z\n",
    "٢٠٢٦-01-31T12:00:00Z",
    "tomorrow",
    "",
    1_769_860_800_000,
    true,
    null,
    {},
    ["2026-01-31T12:00:00Z"],
  ])("refuses %j", (value) => {
    expectRefused(DateTimeScalar, value);
  });

  it("refuses a literal of another kind", () => {
    for (const text of ["7", "1.5", "true", "NOW", "[]", "{}"])
      expect(refusalOf(() => literal(DateTimeScalar, text)).extensions.code).toBe("BAD_USER_INPUT");
  });
});

describe("Decimal", () => {
  it.each([
    "0",
    "19.99",
    "-0.01",
    "007",
    "123456789012345678901234567890.5",
  ])("reads and writes %s as it is", (text) => {
    expect(DecimalScalar.parseValue(text)).toBe(text);
    expect(literal(DecimalScalar, `"${text}"`)).toBe(text);
    expect(DecimalScalar.serialize(text)).toBe(text);
  });

  it("reads a JSON number and a number in a query", () => {
    expect(DecimalScalar.parseValue(19.99)).toBe("19.99");
    expect(literal(DecimalScalar, "19.99")).toBe("19.99");
    expect(literal(DecimalScalar, "20")).toBe("20");
  });

  it.each([
    "",
    "1,5",
    ".5",
    "5.",
    "1e3",
    "+1",
    " 1",
    "1 ",
    "--1",
    "0x10",
    "NaN",
    "Infinity",
    "１",
    `${"9".repeat(31)}`,
    1e21,
    1e-7,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
    [],
  ])("refuses %j", (value) => {
    expectRefused(DecimalScalar, value);
  });

  it("refuses a literal of another kind, and one with an exponent", () => {
    for (const text of ["true", "ONE", "[1]", "{}", "1e3"])
      expect(refusalOf(() => literal(DecimalScalar, text)).extensions.code).toBe("BAD_USER_INPUT");
  });
});

describe("BigInt", () => {
  it.each([
    ["0", 0n],
    ["-7", -7n],
    ["9223372036854775808", 9_223_372_036_854_775_808n],
  ])("reads %s, as text or as a number in a query, and writes text", (text, value) => {
    expect(BigIntScalar.parseValue(text)).toBe(value);
    expect(literal(BigIntScalar, `"${text}"`)).toBe(value);
    expect(literal(BigIntScalar, text)).toBe(value);
    expect(BigIntScalar.serialize(value)).toBe(text);
  });

  it("reads a JSON number as far as that is exact", () => {
    expect(BigIntScalar.parseValue(Number.MAX_SAFE_INTEGER)).toBe(9_007_199_254_740_991n);
    expectRefused(BigIntScalar, Number.MAX_SAFE_INTEGER + 1);
  });

  it.each(["", "1.0", "1e3", "0x10", "1n", " 1", "-", "9".repeat(41), 1.5, null, true, []])("refuses %j", (value) => {
    expectRefused(BigIntScalar, value);
  });

  it("refuses a literal of another kind", () => {
    for (const text of ["1.0", "true", "ONE", "[1]"])
      expect(refusalOf(() => literal(BigIntScalar, text)).extensions.code).toBe("BAD_USER_INPUT");
  });
});

describe("a value that a resolver got wrong", () => {
  it.each([
    [DateTimeScalar, "soon"],
    [DateTimeScalar, new Date(Number.NaN)],
    [DecimalScalar, "a lot"],
    [BigIntScalar, 1.5],
  ])("is a fault of ours in %s, and nothing that a client could put right: %s", (scalar, value) => {
    const serialize = () => scalar.serialize(value);
    expect(serialize).toThrow();
    expect(serialize).not.toThrow(GraphQLError);
  });
});
