import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";

const reject = (type: string, expected: string, node?: ValueNode): GraphQLError =>
  new GraphQLError(`${type} cannot represent this value: expected ${expected}.`, {
    nodes: node,
    extensions: { code: "BAD_USER_INPUT" },
  });

/** A value that we were about to answer is nothing that the client could have put right: a fault, not a bad input. */
const ours = <Value>(type: string, read: () => Value): Value => {
  try {
    return read();
  } catch (error) {
    throw new TypeError(`A resolver answered what is no ${type}.`, { cause: error });
  }
};

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const DATE_TIME_EXPECTED = "RFC 3339 text with an offset, such as 2026-01-31T12:00:00Z";

const readDateTime = (value: unknown, node?: ValueNode): Date => {
  const date = typeof value === "string" && DATE_TIME.test(value) ? new Date(value) : undefined;
  // Date rolls 31 February over to March: comparing the day catches it.
  const sameDay =
    date &&
    !Number.isNaN(date.getTime()) &&
    new Date(`${(value as string).slice(0, 10)}T00:00:00Z`).toISOString().startsWith((value as string).slice(0, 10));
  // In UTC the year may be another; neither RFC 3339 nor Postgres knows those outside.
  const year = date?.getUTCFullYear() ?? 0;
  if (!date || !sameDay || year < 1 || year > 9999) throw reject("DateTime", DATE_TIME_EXPECTED, node);
  return date;
};

/** In code a `Date`; in JSON RFC 3339 text in UTC with milliseconds. */
export const DateTimeScalar = new GraphQLScalarType<Date, string>({
  name: "DateTime",
  description: "A moment in time: RFC 3339 text in UTC, `2026-01-31T12:00:00.000Z`.",
  serialize: (value) => (value instanceof Date ? value : ours("DateTime", () => readDateTime(value))).toISOString(),
  parseValue: (value) => readDateTime(value),
  parseLiteral: (node) => readDateTime(node.kind === Kind.STRING ? node.value : undefined, node),
});

const DECIMAL = /^-?\d{1,30}(\.\d{1,30})?$/;
const DECIMAL_EXPECTED = 'decimal text such as "19.99"';

const readDecimal = (value: unknown, node?: ValueNode): string => {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== "string" || !DECIMAL.test(text)) throw reject("Decimal", DECIMAL_EXPECTED, node);
  return text;
};

/** In code and in JSON exact decimal text; a JSON number is read, never written. */
export const DecimalScalar = new GraphQLScalarType<string, string>({
  name: "Decimal",
  description: 'An exact decimal number as text, `"19.99"`.',
  serialize: (value) => ours("Decimal", () => readDecimal(value)),
  parseValue: (value) => readDecimal(value),
  parseLiteral: (node) =>
    readDecimal(
      node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT ? node.value : undefined,
      node,
    ),
});

const BIG_INT_EXPECTED = 'a whole number as text such as "1999"';

const readBigInt = (value: unknown, node?: ValueNode): bigint => {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^-?\d{1,40}$/.test(value)) return BigInt(value);
  throw reject("BigInt", BIG_INT_EXPECTED, node);
};

/** In code a `bigint`; in JSON text, since JSON numbers lose precision past 2^53. */
export const BigIntScalar = new GraphQLScalarType<bigint, string>({
  name: "BigInt",
  description: 'A whole number of any size as text, `"1999"`.',
  serialize: (value) => ours("BigInt", () => readBigInt(value)).toString(),
  parseValue: (value) => readBigInt(value),
  parseLiteral: (node) =>
    readBigInt(node.kind === Kind.STRING || node.kind === Kind.INT ? node.value : undefined, node),
});

/** Spread into a subgraph's resolver map. */
export const scalarResolvers = { DateTime: DateTimeScalar, Decimal: DecimalScalar, BigInt: BigIntScalar };
