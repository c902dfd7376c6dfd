import { setTimeout as pause } from "node:timers/promises";
import { mean, slope } from "../statistics.ts";
import type { Cores } from "./child.ts";
import { GATEWAYS, startGateway } from "./gateways.ts";
import { type LoadOrder, startLoad, UNIQUE } from "./load.ts";
import type { Machine } from "./machine.ts";
import { usageOf } from "./process-tree.ts";
import { QUERIES } from "./queries.ts";
import { prepareSite } from "./site.ts";
import { startSubgraphs } from "./subgraphs.ts";

export interface RssSample {
  readonly seconds: number;
  readonly rssMb: number;
}

export interface Flatness {
  /** Means of the three thirds of the time. */
  readonly firstThirdMb: number;
  readonly middleThirdMb: number;
  readonly lastThirdMb: number;
  /** Of the last two thirds. */
  readonly slopeMbPerHour: number;
  readonly flat: boolean;
}

export interface SoakReport extends Flatness {
  readonly machine: Machine;
  readonly minutes: number;
  /** Operations that were sent before, each with a text of its own, so that caches are full when it begins. */
  readonly filledWith: number;
  readonly operations: number;
  /** Of these no two had the same text: each was planned, and never sent again. */
  readonly distinctOperations: number;
  readonly cpuSeconds: number;
  readonly samples: readonly RssSample[];
}

/** RSS moves with the collector's rounds: this much more than in the middle third still counts as flat. */
const FLAT_WITHIN = 0.05;
const SLICE_MS = 5_000;
const SAMPLE_EVERY_MS = 2_000;
const CONCURRENCY = 24;
/** More than the router remembers by its defaults. */
const FILL_OPERATIONS = 12_000;
const FILL_AT_MOST_MS = 180_000;
/** Of 100 requests; each of the others is an operation that was never sent before. */
const SIXTEEN_FETCHES = 48;
const ONE_FETCH = 50;

/**
 * Mixed load on this router alone, at all that it takes: both queries, each request with an `Authorization` of its own, and two
 * of a hundred with a text that was never sent before, so that caches have something to evict.
 */
export const soak = async (
  minutes: number,
  cores: Cores | null,
  machine: Machine,
  say: (line: string) => void,
): Promise<{ report: SoakReport; verdict: string }> => {
  const stops: (() => Promise<void>)[] = [];
  try {
    const subgraphs = await startSubgraphs(cores?.others ?? null);
    stops.push(() => subgraphs.stop());
    const site = await prepareSite(subgraphs);
    stops.push(() => site.remove());
    const load = await startLoad(cores?.others ?? null);
    stops.push(() => load.stop());
    const ours = GATEWAYS.find(({ name }) => name === "ours");
    if (!ours) throw new Error("This router is not among the gateways.");
    const router = await startGateway(ours, site, cores?.gateway ?? null);
    stops.push(() => router.stop());

    // A router that remembers operations grows until it remembers as many as it may: not what a leak looks like.
    const fillUntil = performance.now() + FILL_AT_MOST_MS;
    let filledWith = 0;
    while (filledWith < FILL_OPERATIONS && performance.now() < fillUntil)
      filledWith += (await load.run({ ...orderTo(router.url), requests: [{ body: DISTINCT_BODY, bytes: null }] }))
        .operations;
    say(`${filledWith} operations with a text of their own were sent first`);

    const began = performance.now();
    const until = began + minutes * 60_000;
    const samples: RssSample[] = [];
    const ended = new AbortController();
    const sampling = (async () => {
      while (!ended.signal.aborted) {
        const { rssMb } = await usageOf(router.pid);
        samples.push({
          seconds: Math.round((performance.now() - began) / 100) / 10,
          rssMb: Math.round(rssMb * 10) / 10,
        });
        await pause(SAMPLE_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      }
    })();
    let operations = 0;
    try {
      for (let slice = 0; performance.now() < until; slice += 1) {
        operations += (
          await load.run({
            ...orderTo(router.url),
            durationMs: Math.min(SLICE_MS, Math.max(1, until - performance.now())),
          })
        ).operations;
        if (slice % 12 === 0) say(`${operations} operations, ${samples.at(-1)?.rssMb ?? 0} MB`);
      }
    } finally {
      ended.abort();
      await sampling;
    }
    const flatness = judgeFlatness(samples);
    const distinctOperations = Math.floor((operations * (100 - SIXTEEN_FETCHES - ONE_FETCH)) / 100);
    const { cpuSeconds } = await usageOf(router.pid);
    return {
      report: { machine, minutes, filledWith, operations, distinctOperations, cpuSeconds, ...flatness, samples },
      verdict: `${operations} operations, ${distinctOperations} of them with a text of their own; RSS by thirds ${[flatness.firstThirdMb, flatness.middleThirdMb, flatness.lastThirdMb].map((one) => one.toFixed(0)).join(", ")} MB, ${flatness.slopeMbPerHour.toFixed(1)} MB an hour over the last two: ${flatness.flat ? "flat" : "not flat"}`,
    };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
};

/** @param samples at even distances, three at least. */
export const judgeFlatness = (samples: readonly RssSample[]): Flatness => {
  const third = Math.floor(samples.length / 3);
  const meanOf = (from: number, to?: number) => mean(samples.slice(from, to).map(({ rssMb }) => rssMb));
  const middleThirdMb = meanOf(third, 2 * third);
  const lastThirdMb = meanOf(2 * third);
  return {
    firstThirdMb: meanOf(0, third),
    middleThirdMb,
    lastThirdMb,
    slopeMbPerHour: slope(samples.slice(third).map(({ seconds, rssMb }) => ({ x: seconds / 3_600, y: rssMb }))),
    flat: lastThirdMb <= middleThirdMb * (1 + FLAT_WITHIN),
  };
};

/** Each is planned anew: neither text nor selection was sent before. */
const DISTINCT = `query Distinct_${UNIQUE} { topProducts(first: 3) { upc name_${UNIQUE}: name reviews { id author { username } } } }`;

const DISTINCT_BODY = JSON.stringify({ query: DISTINCT });

/** In an order that mixes them. */
const MIXED: LoadOrder["requests"] = Array.from({ length: 100 }, (_, index) => {
  // 37 and 100 have no common divisor: each place comes once.
  const place = (index * 37) % 100;
  const known = place < SIXTEEN_FETCHES ? "sixteen-fetches" : place < SIXTEEN_FETCHES + ONE_FETCH ? "one-fetch" : null;
  const text = QUERIES.find(({ name }) => name === known)?.text;
  return { body: text === undefined ? DISTINCT_BODY : JSON.stringify({ query: text }), bytes: null };
});

const orderTo = (url: string): LoadOrder => ({
  url,
  requests: MIXED,
  authorization: "unique",
  concurrency: CONCURRENCY,
  durationMs: SLICE_MS,
});
