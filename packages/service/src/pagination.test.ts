import { GraphQLError } from "graphql";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConnectionArguments, encodeCursor, type Page, parsePage, toConnection } from "./pagination.ts";

const Key = z.tuple([z.string(), z.int()]);
type Key = z.output<typeof Key>;

const cursor = encodeCursor(["a", 1]);

const refusalOf = (args: ConnectionArguments) => {
  try {
    parsePage(args, Key);
  } catch (error) {
    if (error instanceof GraphQLError) return error.extensions;
    throw error;
  }
  throw new Error("It was not refused.");
};

describe("the arguments of a page", () => {
  it.each<[string, ConnectionArguments, Page<Key>]>([
    ["nothing", {}, { direction: "forward", limit: 20, cursor: null }],
    ["nulls", { first: null, after: null, last: null }, { direction: "forward", limit: 20, cursor: null }],
    ["first", { first: 5 }, { direction: "forward", limit: 5, cursor: null }],
    ["first and after", { first: 5, after: cursor }, { direction: "forward", limit: 5, cursor: ["a", 1] }],
    ["after", { after: cursor }, { direction: "forward", limit: 20, cursor: ["a", 1] }],
    ["last", { last: 5 }, { direction: "backward", limit: 5, cursor: null }],
    ["last and before", { last: 5, before: cursor }, { direction: "backward", limit: 5, cursor: ["a", 1] }],
    ["before", { before: cursor }, { direction: "backward", limit: 20, cursor: ["a", 1] }],
    ["last beside a default of first", { first: 20, last: 5 }, { direction: "backward", limit: 5, cursor: null }],
    ["a size of 0", { first: 0 }, { direction: "forward", limit: 0, cursor: null }],
    ["the largest size", { last: 100 }, { direction: "backward", limit: 100, cursor: null }],
  ])("are read: %s", (_, args, page) => {
    expect(parsePage(args, Key)).toEqual(page);
  });

  it("may have limits of the list's own", () => {
    expect(parsePage({}, Key, { defaultSize: 3 }).limit).toBe(3);
    expect(() => parsePage({ first: 11 }, Key, { maxSize: 10 })).toThrow("`first` must be from 0 to 10, got 11.");
  });

  it.each<[string, ConnectionArguments, string]>([
    ["a negative first", { first: -1 }, "first"],
    ["a negative last", { last: -1 }, "last"],
    ["a huge first", { first: 101 }, "first"],
    ["a huge last", { last: 2_147_483_647 }, "last"],
    ["both cursors", { first: 1, after: cursor, before: cursor }, "before"],
    ["after with last", { last: 1, after: cursor }, "after"],
    ["before with first", { first: 1, before: cursor }, "before"],
    ["an empty cursor", { after: "" }, "after"],
    ["a cursor that is no base64", { after: "💥" }, "after"],
    ["a cursor that is no JSON", { last: 1, before: Buffer.from("{").toString("base64url") }, "before"],
    ["a cursor of another list", { after: encodeCursor({ id: "prd_1" }) }, "after"],
    ["a cursor of another sort", { after: encodeCursor(["a", "b"]) }, "after"],
    ["a cursor with a NUL, which no database takes", { after: encodeCursor(["a\0", 1]) }, "after"],
    ["a cursor that nests deep", { after: Buffer.from("[".repeat(100_000)).toString("base64url") }, "after"],
  ])("are refused as a bad input that names the argument: %s", (_, args, argument) => {
    expect(refusalOf(args)).toEqual({ code: "BAD_USER_INPUT", argument });
  });
});

describe("a connection", () => {
  interface Letter {
    readonly name: string;
  }
  const letters = (names: string): Letter[] => [...names].map((name) => ({ name }));
  const keyOf = ({ name }: Letter): Key => [name, 1];
  const aPage = (page: Partial<Page<Key>>): Page<Key> => ({ direction: "forward", limit: 2, cursor: null, ...page });
  const shown = (rows: string, page: Page<Key>) => {
    const { edges, pageInfo } = toConnection(letters(rows), page, keyOf);
    return { names: edges.map(({ node }) => node.name).join(""), ...pageInfo };
  };

  it.each([
    ["the first of several pages", "abc", aPage({}), "ab", true, false],
    ["the only page", "ab", aPage({}), "ab", false, false],
    ["a page in the middle", "cde", aPage({ cursor: ["b", 1] }), "cd", true, true],
    ["the last of several pages", "e", aPage({ cursor: ["d", 1] }), "e", false, true],
    ["the last page, backwards", "edc", aPage({ direction: "backward" }), "de", false, true],
    ["a page in the middle, backwards", "cba", aPage({ direction: "backward", cursor: ["d", 1] }), "bc", true, true],
    ["the first page, backwards", "a", aPage({ direction: "backward", cursor: ["b", 1] }), "a", true, false],
  ])("is in the list's order, and tells what lies around it: %s", (_, rows, page, names, next, previous) => {
    expect(shown(rows, page)).toMatchObject({ names, hasNextPage: next, hasPreviousPage: previous });
  });

  it("starts and ends at cursors that the next request can pass", () => {
    const { startCursor, endCursor } = shown("abc", aPage({}));
    expect(parsePage({ after: endCursor }, Key).cursor).toEqual(["b", 1]);
    expect(parsePage({ before: startCursor }, Key).cursor).toEqual(["a", 1]);
  });

  it("has no cursors when it is empty", () => {
    const empty = { names: "", startCursor: null, endCursor: null };
    expect(shown("", aPage({}))).toEqual({ ...empty, hasNextPage: false, hasPreviousPage: false });
    expect(shown("a", aPage({ limit: 0 }))).toEqual({ ...empty, hasNextPage: true, hasPreviousPage: false });
  });

  it("has opaque cursors that survive any text", () => {
    const key: Key = ["Zoë 🛒 \"'\\ \u2028", 1];
    expect(encodeCursor(key)).toMatch(/^[\w-]+$/);
    expect(parsePage({ after: encodeCursor(key) }, Key).cursor).toEqual(key);
  });
});
