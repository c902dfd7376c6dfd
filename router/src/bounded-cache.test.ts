import { describe, expect, it } from "vitest";
import { createBoundedCache } from "./bounded-cache.ts";

describe("a bounded cache", () => {
  it("drops what was used least recently once the keys are too long together", () => {
    const cache = createBoundedCache<number>(10);
    cache.set("aaaa", 1);
    cache.set("bbbb", 2);
    expect(cache.get("aaaa")).toBe(1);
    cache.set("cccc", 3);
    expect([cache.get("aaaa"), cache.get("bbbb"), cache.get("cccc")]).toEqual([1, undefined, 3]);
  });

  it("makes room for one long key by dropping several short ones", () => {
    const cache = createBoundedCache<number>(10);
    for (const key of ["a", "b", "c", "d"]) cache.set(key, 1);
    cache.set("eeeeeeeee", 2);
    expect(["a", "b", "c", "d"].map((key) => cache.get(key))).toEqual([undefined, undefined, undefined, 1]);
    expect(cache.get("eeeeeeeee")).toBe(2);
  });

  it("counts a key once however often it is set, and keeps none that is too long alone", () => {
    const cache = createBoundedCache<number>(4);
    cache.set("ab", 1);
    for (let times = 0; times < 10; times += 1) cache.set("cd", times);
    expect([cache.get("ab"), cache.get("cd")]).toEqual([1, 9]);
    cache.set("too long", 3);
    expect([cache.get("ab"), cache.get("cd"), cache.get("too long")]).toEqual([undefined, undefined, undefined]);
  });
});
