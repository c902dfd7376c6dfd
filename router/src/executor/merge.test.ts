import { describe, expect, it } from "vitest";
import { mergeInto } from "./merge.ts";

const merged = (target: string, source: string): unknown => {
  const object = JSON.parse(target);
  mergeInto(object, JSON.parse(source));
  return JSON.parse(JSON.stringify(object));
};

describe("what several fetches bring", () => {
  it("is merged, objects and lists into one another", () => {
    expect(
      merged(
        '{"a":{"x":1},"list":[{"x":1},null,{"x":3}],"kept":true}',
        '{"a":{"y":2},"list":[{"y":1},{"y":2},null],"new":[1]}',
      ),
    ).toEqual({ a: { x: 1, y: 2 }, list: [{ x: 1, y: 1 }, { y: 2 }, null], kept: true, new: [1] });
  });

  it("is merged in lists of lists", () => {
    expect(merged('{"rows":[[{"x":1}],[]]}', '{"rows":[[{"y":2}],[]]}')).toEqual({ rows: [[{ x: 1, y: 2 }], []] });
  });

  it("is replaced where the two are not alike", () => {
    expect(merged('{"a":{"x":1},"list":[1,2],"b":5}', '{"a":null,"list":[3],"b":{"y":1}}')).toEqual({
      a: null,
      list: [3],
      b: { y: 1 },
    });
  });

  it("may have any name that JSON may have", () => {
    const result = merged('{"__proto__":{"x":1}}', '{"__proto__":{"y":2},"constructor":{"z":3},"toString":4}');
    expect(JSON.stringify(result)).toBe('{"__proto__":{"x":1,"y":2},"constructor":{"z":3},"toString":4}');
    expect(Object.hasOwn(Object.prototype, "y")).toBe(false);
  });
});
