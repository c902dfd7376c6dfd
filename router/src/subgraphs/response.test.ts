import { describe, expect, it } from "vitest";
import { outcomeOf, readHead, readResponse } from "./response.ts";
import { mutation, query } from "./testing/subgraph.ts";

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

describe("the envelope of a response", () => {
  it.each([
    ["data", `{"data":{"a":1}}`, { data: { a: 1 } }],
    ["data that is null", `{"data":null}`, { data: null }],
    ["data without errors", `{"data":{},"errors":[]}`, { data: {} }],
    ["data with errors that are null", `{"data":{},"errors":null}`, { data: {} }],
    ["errors only", `{"errors":[{"message":"No."}]}`, { errors: [{ message: "No.", extensions: {} }] }],
    [
      "both, with what a subgraph of ours adds",
      `{"data":{"a":null},"errors":[{"message":"No.","path":["a",0],"locations":[{"line":1,"column":2}],"extensions":{"code":"X"}}],"extensions":{"cost":1}}`,
      { data: { a: null }, errors: [{ message: "No.", path: ["a", 0], extensions: { code: "X" } }] },
    ],
    [
      "nulls in an error",
      `{"errors":[{"message":"No.","path":null,"extensions":null}]}`,
      { errors: [{ message: "No.", extensions: {} }] },
    ],
    ["a field by any name", `{"data":{"__proto__":1}}`, { data: JSON.parse(`{"__proto__":1}`) }],
  ])("is read with %s", (_, text, expected) => {
    expect(readResponse(text)).toEqual(expected);
  });

  it.each([
    ["nothing", ""],
    ["half a JSON", `{"data":{`],
    ["a byte order mark", `\uFEFF{"data":{}}`],
    ["two documents", `{"data":{}}{"data":{}}`],
    ["null", "null"],
    ["a list", `[{"data":{}}]`],
    ["a string", `"data"`],
    ["neither data nor errors", "{}"],
    ["no errors and no data", `{"errors":[]}`],
    ["data that is a list", `{"data":[1]}`],
    ["data that is text", `{"data":"x"}`],
    ["errors that are text", `{"errors":"secret"}`],
    ["errors that are an object", `{"data":{},"errors":{"length":1}}`],
    ["an error that is text", `{"errors":["secret"]}`],
    ["an error that is null", `{"errors":[null]}`],
    ["an error without a message", `{"errors":[{}]}`],
    ["a path of objects", `{"errors":[{"message":"No.","path":[{}]}]}`],
    ["a path that is text", `{"errors":[{"message":"No.","path":"a"}]}`],
    ["extensions that are a list", `{"errors":[{"message":"No.","extensions":[]}]}`],
    ["extensions that nest too deep to be written", `{"errors":[{"message":"No.","extensions":${nested(10_000)}}]}`],
  ])("is not taken for one with %s", (_, text) => {
    expect(readResponse(text)).toBeUndefined();
  });
});

describe("the head of a response", () => {
  it.each([
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON ;charset=UTF-8",
    "application/graphql-response+json",
  ])("may have a GraphQL response after %s", (type) => {
    expect(readHead(200, { "content-type": type }, 9_000_000)).toMatchObject({ problem: null, maxBytes: 9_000_000 });
  });

  it.each([
    "",
    "text/html",
    "application/json-seq",
    "application/jsonp",
    "text/json",
    "application/problem+json",
  ])("has no GraphQL response after “%s”, and little of it is let in", (type) => {
    expect(readHead(200, { "content-type": type }, 9_000_000)).toMatchObject({
      problem: "no GraphQL response",
      maxBytes: 16_384,
    });
  });

  it("tells of an encoding, since none was accepted", () => {
    const head = (encoding: string) =>
      readHead(200, { "content-type": "application/json", "content-encoding": encoding }, 9).problem;
    expect([head("gzip"), head("br"), head("identity")]).toEqual([
      expect.stringContaining("encoded"),
      expect.stringContaining("encoded"),
      null,
    ]);
  });

  it.each([
    ["2", 2_000],
    ["0", 0],
    ["soon", null],
    ["-1", null],
    ["1e3", null],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ])("is read for when to come back: “%s”", (value, expected) => {
    expect(readHead(503, { "retry-after": value }, 9).retryAfterMs).toBe(expected);
  });
});

describe("what a response says", () => {
  const outcome = (status: number, text: string | null, fetch = query) =>
    outcomeOf({ head: readHead(status, { "content-type": "application/json" }, 9), text, problem: null }, fetch);
  const anError = (code: string) => JSON.stringify({ errors: [{ message: "No.", extensions: { code } }] });

  it.each([
    [200, "alive", "SUBGRAPH_INVALID_RESPONSE", "OUTCOME_UNKNOWN", false],
    [204, "alive", "SUBGRAPH_INVALID_RESPONSE", "OUTCOME_UNKNOWN", false],
    [302, "alive", "SUBGRAPH_INVALID_RESPONSE", "SUBGRAPH_INVALID_RESPONSE", false],
    [413, "alive", "SUBGRAPH_INVALID_RESPONSE", "SUBGRAPH_INVALID_RESPONSE", false],
    [500, "ill", "SUBGRAPH_UNAVAILABLE", "OUTCOME_UNKNOWN", false],
    [502, "ill", "SUBGRAPH_UNAVAILABLE", "OUTCOME_UNKNOWN", true],
    [503, "ill", "SUBGRAPH_UNAVAILABLE", "OUTCOME_UNKNOWN", true],
    [504, "ill", "SUBGRAPH_UNAVAILABLE", "OUTCOME_UNKNOWN", true],
  ])("of a %i without a GraphQL response", (status, health, ofQuery, ofMutation, mayRepeat) => {
    expect(outcome(status, "{}")).toMatchObject({ failure: ofQuery, health, mayRepeat });
    expect(outcome(status, "{}", mutation)).toMatchObject({ failure: ofMutation, health, mayRepeat: false });
  });

  it.each([200, 400, 503])("is what it says itself in a GraphQL response with status %i", (status) => {
    expect(outcome(status, anError("SUBGRAPH_UNAVAILABLE"))).toMatchObject({ kind: "answered" });
  });

  it.each([
    [401, "UNAUTHENTICATED"],
    [400, "GRAPHQL_VALIDATION_FAILED"],
    [200, "GRAPHQL_PARSE_FAILED"],
  ])("is no client's business where it blames the router: %i with %s", (status, code) => {
    expect(outcome(status, anError(code))).toMatchObject({ failure: "SUBGRAPH_INVALID_RESPONSE", health: "alive" });
  });
});
