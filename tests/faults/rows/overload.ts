import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "@supergraph/testing";
import type { Row, Traffic } from "../model.ts";
import { happened } from "./evidence.ts";

const OVERLOAD = 3;
const MOST = 2_000;

/**
 * Three times as many orders as usual, and if that is not too many, twice as many each second until some are refused.
 * Who is refused is told so in a typed answer, and may take it for the last word; what was accepted completes; afterwards
 * nobody is refused.
 */
export const overload: Row = {
  name: "3 × overload",
  shortSeconds: 5,
  async run({ traffic, seconds, say }) {
    const usual = traffic.rate;
    const meanwhile = traffic.measure();
    const until = performance.now() + seconds * 1_000;
    let rate = usual * OVERLOAD;
    traffic.setRate(rate);
    while (performance.now() < until) {
      await pause(1_000);
      if (meanwhile.end().shed > 0) continue;
      rate = Math.min(MOST, rate * 2);
      traffic.setRate(rate);
    }
    const { acknowledged, shed, failures, p50Ms, p99Ms } = meanwhile.end();
    traffic.setRate(usual);
    traffic.sendRefusedAway();
    happened(shed > 0, `nothing was shed at ${rate} orders a second`);
    if (failures.length > 0) throw new Error(`Overload is told by a typed error, not by ${failures[0]}`);
    say(`at ${rate}/s ${acknowledged} accepted (p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms), ${shed} shed`);
    await recovers(traffic);
    traffic.sendRefusedAway();
  },
};

const RECOVERS_WITHIN_MS = 60_000;
const CALM_MS = 1_000;

/** Orders are taken again, and nobody is refused for a while. */
const recovers = async (traffic: Traffic): Promise<void> => {
  await eventually(
    async () => {
      const calm = traffic.measure();
      await pause(CALM_MS);
      const { acknowledged, shed } = calm.end();
      if (shed > 0 || acknowledged === 0)
        throw new Error(`After the overload ${shed} orders were still refused in a second, and ${acknowledged} taken.`);
    },
    { timeoutMs: RECOVERS_WITHIN_MS },
  );
};
