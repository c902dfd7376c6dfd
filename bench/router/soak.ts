import { setTimeout as pause } from "node:timers/promises";
import { mean, slope } from "../statistics.ts";
import type { Cores } from "./child.ts";
import { GATEWAYS, startGateway } from "./gateways.ts";
import { type LoadOrder, startLoad } from "./load.ts";
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
  readonly operations: number;
  /** Texts that were sent once, or a few times, and never again. */
  readonly distinctQueries: number;
  readonly cpuSeconds: number;
  readonly samples: readonly RssSample[];
}

/** RSS moves with the collector's rounds: this much more than in the middle third still counts as flat. */
const FLAT_WITHIN = 0.05;
const SLICE_MS = 5_000;
const SAMPLE_EVERY_MS = 2_000;
const CONCURRENCY = 24;
/** Of 100 requests: what is neither is an operation that was not sent before this slice. */
const SIXTEEN_FETCHES = 40;
const ONE_FETCH = 50;

/**
 * Mixed load on this router alone, at all that it takes: both queries, each request with an `Authorization` of its own, and a
 * tenth of operations that were never sent before, so that caches have something to evict.
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
    let distinctQueries = 0;
    try {
      for (let slice = 0; performance.now() < until; slice += 1) {
        const requests = mixed(slice);
        distinctQueries += requests.length - SIXTEEN_FETCHES - ONE_FETCH;
        operations += (
          await load.run({
            url: router.url,
            requests,
            authorization: "unique",
            concurrency: CONCURRENCY,
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
    const { cpuSeconds } = await usageOf(router.pid);
    return {
      report: { machine, minutes, operations, distinctQueries, cpuSeconds, ...flatness, samples },
      verdict: `${operations} operations, ${distinctQueries} distinct texts; RSS by thirds ${[flatness.firstThirdMb, flatness.middleThirdMb, flatness.lastThirdMb].map((one) => one.toFixed(0)).join(", ")} MB, ${flatness.slopeMbPerHour.toFixed(1)} MB an hour over the last two: ${flatness.flat ? "flat" : "not flat"}`,
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

/** 100 requests in an order that mixes them, ten of them only this slice sends. */
const mixed = (slice: number): LoadOrder["requests"] =>
  Array.from({ length: 100 }, (_, index) => {
    // 37 and 100 have no common divisor: each place comes once.
    const place = (index * 37) % 100;
    const known =
      place < SIXTEEN_FETCHES ? "sixteen-fetches" : place < SIXTEEN_FETCHES + ONE_FETCH ? "one-fetch" : null;
    const text = QUERIES.find(({ name }) => name === known)?.text ?? distinct(slice, place);
    return { body: JSON.stringify({ query: text }), bytes: null };
  });

const distinct = (slice: number, place: number): string =>
  `query Distinct_${slice}_${place} { topProducts(first: 3) { upc name_${slice}_${place}: name reviews { id author { username } } } }`;
