import type { z } from "zod";
import { badUserInput } from "./errors.ts";

export interface ConnectionArguments {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
}

/** A page as a keyset query needs it: rows after (`forward`) or before the cursor, `limit` of them plus one to look ahead. */
export interface Page<Key> {
  readonly direction: "forward" | "backward";
  readonly limit: number;
  readonly cursor: Key | null;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface Connection<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: PageInfo;
}

export const MAX_PAGE_SIZE = 100;

/** Opaque to clients: base64url of the JSON of a sort key. */
export const encodeCursor = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString("base64url");

const decodeCursor = <Key>(cursor: string, argument: string, schema: z.ZodType<Key>): Key => {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"), refuseNul));
  } catch {
    throw badUserInput(
      `\`${argument}\` is not a cursor of this list: pass a \`cursor\`, \`startCursor\` or \`endCursor\` that it answered, with the same sort.`,
      argument,
    );
  }
};

/** Postgres takes no text with a NUL in it, and a cursor may be anybody's invention. */
const refuseNul = (_key: string, value: unknown): unknown => {
  if (typeof value === "string" && value.includes("\0")) throw new SyntaxError("NUL in a cursor");
  return value;
};

/**
 * Validates Relay arguments. `cursorSchema` is what {@link encodeCursor} was given for this list and sort.
 * With neither `first` nor `last` the page is forward, of `defaultSize`; `last` wins over `first`, which may be no
 * more than the schema's default.
 * @throws BAD_USER_INPUT for a negative or too large size, a cursor of the other direction, or a foreign cursor.
 */
export const parsePage = <Key>(
  args: ConnectionArguments,
  cursorSchema: z.ZodType<Key>,
  { maxSize = MAX_PAGE_SIZE, defaultSize = 20 }: { maxSize?: number; defaultSize?: number } = {},
): Page<Key> => {
  const backward = args.last != null || (args.before != null && args.after == null && args.first == null);
  const argument = backward ? "last" : "first";
  const limit = args[argument] ?? defaultSize;
  if (args.after != null && args.before != null)
    throw badUserInput("Pass `after` with `first`, or `before` with `last`, not both.", "before");
  if (backward && args.after != null)
    throw badUserInput("`after` goes with `first`; with `last` pass `before`.", "after");
  if (!backward && args.before != null)
    throw badUserInput("`before` goes with `last`; with `first` pass `after`.", "before");
  if (limit < 0 || limit > maxSize)
    throw badUserInput(`\`${argument}\` must be from 0 to ${maxSize}, got ${limit}.`, argument);
  const cursor = backward ? args.before : args.after;
  return {
    direction: backward ? "backward" : "forward",
    limit,
    cursor: cursor == null ? null : decodeCursor(cursor, backward ? "before" : "after", cursorSchema),
  };
};

/**
 * `rows` as the keyset query gave them: at most `limit + 1`, nearest to the cursor first (so in reverse for a backward
 * page). Answers them in list order, with cursors made from `keyOf`.
 */
export const toConnection = <Row, Key>(
  rows: readonly Row[],
  page: Page<Key>,
  keyOf: (row: Row) => Key,
): Connection<Row> => {
  const more = rows.length > page.limit;
  const visible = rows.slice(0, page.limit);
  if (page.direction === "backward") visible.reverse();
  const edges = visible.map((node) => ({ cursor: encodeCursor(keyOf(node)), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: page.direction === "forward" ? more : page.cursor !== null,
      hasPreviousPage: page.direction === "backward" ? more : page.cursor !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
};
