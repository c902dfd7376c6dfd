import { setTimeout as pause } from "node:timers/promises";
import type { Load } from "./load.ts";
import { type Shop, seconds, timed } from "./shop.ts";

/** What customers noticed of something that was done to the shop. */
export interface Disturbance {
  readonly what: string;
  readonly ms: number;
  readonly requests: number;
  readonly failed: number;
  readonly reasons: readonly string[];
}

/** What is seen a moment after `work` is of it, too. */
const AROUND_MS = 1_000;

/** Does `work` under the load. Where there are two of each, it expects that no request fails meanwhile. */
export const disturb = async (
  shop: Shop,
  load: Load,
  what: string,
  work: () => Promise<unknown>,
): Promise<Disturbance> => {
  const hasTwo = (await shop.containers()).some(({ service }) => service === "router-2");
  await pause(AROUND_MS);
  load.takeCounts();
  const ms = await timed(work);
  await pause(AROUND_MS);
  const { requests, failed, reasons } = load.takeCounts();
  const told = `${what} in ${seconds(ms)}: ${failed} of ${requests} requests failed`;
  if (hasTwo) shop.expect(failed === 0, told);
  else shop.say(`  ${told}, and were repeated`);
  for (const reason of reasons) shop.say(`    ${reason}`);
  return { what, ms, requests, failed, reasons };
};
