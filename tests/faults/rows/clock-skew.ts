import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { ManagedService, Row } from "../model.ts";
import { happened, seconds as inSeconds } from "./evidence.ts";

const SKEW_MS = 5 * 60_000;

/**
 * The clocks of products and payments are five minutes off, in opposite directions, then the other way round. What goes
 * by messages goes on. What the router asks of those two is refused, as it must be, since its signatures count for 30 s
 * by their clocks: an order is shown without its payment. Clocks of the router and of orders and users that differ so
 * much would refuse every client, which a fault suite need not show: there is nothing to lose in what is refused.
 */
export const clockSkew: Row = {
  name: "clock skew of ±5 min",
  shortSeconds: 5,
  async run({ system, traffic, seconds, say }) {
    const pair = [system.service("products"), system.service("payments")] as const;
    const meanwhile = traffic.measure();
    for (const direction of [1, -1]) {
      const skews = [direction * SKEW_MS, -direction * SKEW_MS];
      await Promise.all(pair.map((service, index) => service.start({ clockOffsetMs: skews[index] ?? 0 })));
      await pause(seconds * 400);
      const offsets = await Promise.all(pair.map(offsetOf));
      for (const [index, offset] of offsets.entries())
        happened(
          Math.abs(offset - (skews[index] ?? 0)) < SKEW_MS / 2,
          `${pair[index]?.name} is ${inSeconds(offset)} off`,
        );
    }
    const { acknowledged, p99Ms } = meanwhile.end();
    happened(acknowledged > 0, "no order was taken");
    say(`${acknowledged} orders taken with skewed clocks, p99 ${p99Ms.toFixed(0)} ms`);
  },
};

const LogLine = z.object({ time: z.union([z.number(), z.string()]) });

/** By the last line that it logged, which is seconds old. */
const offsetOf = async ({ logFile }: ManagedService): Promise<number> => {
  const lines = (await readFile(logFile, "utf8")).trimEnd().split("\n");
  const last = lines.findLast((line) => line.startsWith("{"));
  const { time } = LogLine.parse(JSON.parse(last ?? "{}"));
  return new Date(time).getTime() - Date.now();
};
