import { describe, expect, it } from "vitest";
import { compareAnswers } from "./answers.ts";

const compare = (...texts: string[]) =>
  compareAnswers(new Map(texts.map((text, index) => [["first", "second", "third"][index] ?? "", text])));

describe("answers are the same", () => {
  it("whatever white space is between tokens, or at the end", () => {
    expect(compare('{"data":{"a":1}}', '{ "data": { "a": 1 } }\n')).toEqual({
      kind: "same",
      sameBytes: true,
      otherOrder: [],
    });
  });

  it("whatever extensions they have", () => {
    expect(compare('{"data":null}', '{"data":null,"extensions":{"took":3}}')).toMatchObject({ kind: "same" });
  });

  it("where an object's fields stand in another order, which is told", () => {
    expect(compare('{"data":{"a":1,"b":2}}', '{"data":{"a":1,"b":2}}', '{"data":{"b":2,"a":1}}')).toEqual({
      kind: "same",
      sameBytes: false,
      otherOrder: ["third"],
    });
  });

  it("where there is but one, or none", () => {
    expect(compare('{"data":1}').kind).toBe("same");
    expect(compare().kind).toBe("same");
  });
});

describe("answers are different", () => {
  it("where a value is, and the place is told with both", () => {
    expect(compare('{"data":{"users":[{"id":"1"},{"id":"2"}]}}', '{"data":{"users":[{"id":"1"},{"id":"3"}]}}')).toEqual(
      {
        kind: "different",
        gateways: ["first", "second"],
        where: 'data.users.1.id: "2" and "3"',
      },
    );
  });

  it("where entries of a list stand in another order", () => {
    expect(compare('{"data":[1,2]}', '{"data":[2,1]}').kind).toBe("different");
  });

  it("where one has an error", () => {
    expect(compare('{"data":{"a":null}}', '{"data":{"a":null},"errors":[{"message":"no"}]}')).toMatchObject({
      kind: "different",
      where: expect.stringMatching(/^errors: nothing and /),
    });
  });

  it("where one has null for what is absent at another", () => {
    expect(compare('{"data":{"a":null}}', '{"data":{}}').kind).toBe("different");
  });

  it("where a list stands for an object", () => {
    expect(compare('{"data":{}}', '{"data":[]}')).toMatchObject({ where: "data: {} and []" });
  });
});

it("refuses what is no JSON", () => {
  expect(() => compare('{"data":1}', "<html>")).toThrow(SyntaxError);
});
