import { randomInt } from "node:crypto";
import { freePort } from "@supergraph/local-server";

/**
 * Below those that the operating system gives to outgoing connections: a server that is down for a while keeps its own.
 * Above 10080, the last of the ports that `fetch` refuses to ask.
 */
const RANGE = { first: 10_081, last: 19_999 };

const given = new Set<number>();

/** A port that is free now and that this program gives out only once. */
export const steadyPort = async (): Promise<number> => {
  for (;;) {
    const wish = randomInt(RANGE.first, RANGE.last + 1);
    if (given.has(wish)) continue;
    given.add(wish);
    if ((await freePort(wish)) === wish) return wish;
  }
};
