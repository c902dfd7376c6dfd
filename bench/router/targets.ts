import type { GatewayName } from "./gateways.ts";
import type { Measurement } from "./measure.ts";
import type { QueryName } from "./queries.ts";

/** Operations a CPU second of our router, as a multiple of another's, with unique `Authorization`. */
export interface Target {
  readonly query: QueryName;
  readonly than: GatewayName;
  readonly atLeast: number;
  readonly title: string;
}

export const TARGETS: readonly Target[] = [
  { query: "sixteen-fetches", than: "apollo", atLeast: 8, title: "16 fetches: 8 × Apollo" },
  { query: "sixteen-fetches", than: "hive-rust", atLeast: 3, title: "16 fetches: 3 × Hive with its Rust planner" },
  { query: "one-fetch", than: "proxy", atLeast: 0.5, title: "one fetch: 0.5 × the bare proxy" },
];

/** `ratio` is null where one of the two was not measured. */
export type Judged = Target & { readonly ratio: number | null };

export const judge = (measurements: readonly Measurement[]): Judged[] =>
  TARGETS.map((target) => {
    const speedOf = (gateway: GatewayName) =>
      measurements.find((one) => one.gateway === gateway && one.query === target.query && one.traffic === "unique")
        ?.operationsPerCpuSecond;
    const [ours, theirs] = [speedOf("ours"), speedOf(target.than)];
    return { ...target, ratio: ours === undefined || theirs === undefined ? null : ours / theirs };
  });

/** The last line of a run. */
export const verdict = (judged: readonly Judged[]): string => {
  const told = (one: Judged) => `${one.title} (${one.ratio === null ? "not measured" : `${one.ratio.toFixed(2)} ×`})`;
  const missed = judged.filter(({ ratio, atLeast }) => ratio !== null && ratio < atLeast);
  if (missed.length > 0) return `targets missed: ${missed.map(told).join("; ")}`;
  const open = judged.filter(({ ratio }) => ratio === null);
  return open.length > 0 ? `targets not measured: ${open.map(({ title }) => title).join("; ")}` : "targets met";
};
