import { describe, expect, it } from "vitest";
import { formatArray, parseArray } from "./array-types.ts";

const texts = (text: string) => parseArray(text, (element) => element);

describe("an array of Postgres", () => {
  it("is written with every element quoted, and nothing as null", () => {
    expect(formatArray(["a", 'say "hi"', "back\\slash", "", null, "null"])).toBe(
      '{"a","say \\"hi\\"","back\\\\slash","",null,"null"}',
    );
    expect(formatArray([])).toBe("{}");
    expect(formatArray([[1, 2], [3]])).toBe('{{"1","2"},{"3"}}');
  });

  it("is left alone when it is written already", () => {
    expect(formatArray("{a,b}")).toBe("{a,b}");
  });

  it("is read with quotes, escapes and nulls", () => {
    expect(texts('{a,"b,c","say \\"hi\\"","back\\\\slash","",NULL,"NULL"}')).toEqual([
      "a",
      "b,c",
      'say "hi"',
      "back\\slash",
      "",
      null,
      "NULL",
    ]);
    expect(texts("{}")).toEqual([]);
    expect(texts("{{1,2},{3,4}}")).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
    expect(texts("[0:1]={a,b}")).toEqual(["a", "b"]);
  });

  it("is refused when it is cut off", () => {
    for (const text of ["", "a", "{", '{"a', "{a"]) expect(() => texts(text)).toThrow(/Expected an array/);
  });
});
