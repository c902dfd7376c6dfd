import { describe, expect, it } from "vitest";
import { runDifferential } from "./run.ts";

/** A minute's worth on a slow machine; `npm run differential` goes on for as long as it is told. */
const OPERATIONS = 600;

describe("the router's executor and Apollo's", () => {
  it(
    "answer generated operations on generated supergraphs alike",
    async () => {
      const { differences, compared, withErrors, withBroken, graphs } = await runDifferential({
        seed: 1,
        operations: OPERATIONS,
      });
      expect(differences.map(({ answers: _, ...difference }) => difference)).toEqual([]);
      expect(compared).toBe(OPERATIONS);
      // Both had something to be different about.
      expect(graphs).toBeGreaterThanOrEqual(OPERATIONS / 30);
      expect(withErrors).toBeGreaterThan(OPERATIONS / 20);
      expect(withBroken).toBeGreaterThan(OPERATIONS / 50);
    },
    5 * 60_000,
  );
});
