import { afterEach, describe, expect, it, vi } from "vitest";
import { createGroupCommit } from "./group-commit.ts";

/** Groups as they were run, each held until it is let go. */
const held = () => {
  const groups: { items: readonly string[]; letGo: () => void }[] = [];
  const run = (items: readonly string[]): Promise<string[]> =>
    new Promise((resolve) => {
      groups.push({ items, letGo: () => resolve(items.map((item) => `${item}!`)) });
    });
  return { groups, run };
};

const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

afterEach(() => {
  vi.useRealTimers();
});

describe("a group commit", () => {
  it("runs what comes at once together, and what comes meanwhile in the next group", async () => {
    const { groups, run } = held();
    const commit = createGroupCommit({ name: "test", run, maxItems: 10, paceMs: { least: 0, most: 0 } });
    const first = [commit("a"), commit("b")];
    await turn();
    const second = [commit("c"), commit("d")];
    await turn();
    expect(groups.map(({ items }) => items)).toEqual([["a", "b"]]);
    groups[0]?.letGo();
    expect(await Promise.all(first)).toEqual(["a!", "b!"]);
    groups[1]?.letGo();
    expect(await Promise.all(second)).toEqual(["c!", "d!"]);
    expect(groups.map(({ items }) => items)).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("makes no group larger than it may be", async () => {
    const sizes: number[] = [];
    const commit = createGroupCommit({
      name: "test",
      run: async (items: readonly number[]) => {
        sizes.push(items.length);
        return items;
      },
      maxItems: 4,
      paceMs: { least: 0, most: 0 },
    });
    expect(await Promise.all(Array.from({ length: 10 }, (_, n) => commit(n)))).toHaveLength(10);
    expect(sizes).toEqual([4, 4, 2]);
  });

  it("begins again after it had nothing to do", async () => {
    const commit = createGroupCommit({
      name: "test",
      run: async (items: readonly string[]) => items,
      maxItems: 4,
      paceMs: { least: 0, most: 0 },
    });
    expect(await commit("a")).toBe("a");
    await turn();
    expect(await commit("b")).toBe("b");
  });

  it("runs at once who comes after a pause, and together those who come soon after one another", async () => {
    vi.useFakeTimers();
    const groups: (readonly string[])[] = [];
    const commit = createGroupCommit({
      name: "test",
      run: async (items: readonly string[]) => {
        groups.push(items);
        return items;
      },
      maxItems: 3,
      paceMs: { least: 20, most: 20 },
    });
    void commit("a");
    await vi.advanceTimersByTimeAsync(1);
    expect(groups).toEqual([["a"]]);
    void commit("b");
    await vi.advanceTimersByTimeAsync(10);
    void commit("c");
    expect(groups).toEqual([["a"]]);
    await vi.advanceTimersByTimeAsync(10);
    expect(groups).toEqual([["a"], ["b", "c"]]);
    for (const item of ["d", "e", "f"]) void commit(item);
    await vi.advanceTimersByTimeAsync(1);
    expect(groups.at(-1)).toEqual(["d", "e", "f"]);
  });

  it("fails only those that fail by themselves", async () => {
    const commit = createGroupCommit({
      name: "test",
      run: async (items: readonly string[]) => {
        if (items.includes("poison")) throw new Error("poison");
        return items;
      },
      maxItems: 10,
      paceMs: { least: 0, most: 0 },
    });
    const results = await Promise.allSettled(["a", "poison", "b"].map((item) => commit(item)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await commit("c")).toBe("c");
  });

  it("does not leave anybody waiting for a result that was not given", async () => {
    const commit = createGroupCommit({
      name: "test",
      run: async (): Promise<string[]> => [],
      maxItems: 10,
      paceMs: { least: 0, most: 0 },
    });
    await expect(commit("a")).rejects.toThrow("Expected 1 results, got 0.");
  });
});
