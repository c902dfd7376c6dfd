import Table from "cli-table3";
import type { Agreement } from "./answers.ts";
import type { Gateway, GatewayName } from "./gateways.ts";
import type { Machine } from "./machine.ts";
import type { Measurement, Schedule } from "./measure.ts";
import { QUERIES, TRAFFICS } from "./queries.ts";
import { type Judged, verdict } from "./targets.ts";

/** All that a run found; `bench/results/router.json` is this. */
export interface Report {
  readonly machine: Machine;
  readonly schedule: Schedule;
  readonly nodeFlags: string;
  readonly gateways: readonly GatewayReport[];
  readonly agreement: Agreement;
  readonly measurements: readonly Measurement[];
  readonly targets: readonly Judged[];
}

export interface GatewayReport extends Pick<Gateway, "name" | "title" | "settings"> {
  readonly peakRssMb: number;
  /** Calls of subgraphs that one operation took; null where it was not asked. */
  readonly fetches: Readonly<Record<string, number | null>>;
}

const HEAD = ["gateway", "ops/CPU-s", "lowest–highest", "ops/s", "busy cores", "p50 ms", "p99 ms", "fetches"];

/** One table for each query and kind of traffic, the fastest first. */
const sections = ({ gateways, measurements }: Report): { title: string; rows: string[][] }[] =>
  QUERIES.flatMap((query) =>
    TRAFFICS.map((traffic) => ({
      title: `${query.title}, ${traffic.title}, ${query.concurrency} in flight`,
      rows: measurements
        .filter((one) => one.query === query.name && one.traffic === traffic.name)
        .sort((a, b) => b.operationsPerCpuSecond - a.operationsPerCpuSecond)
        .map((one) => [
          titleOf(gateways, one.gateway),
          whole(one.operationsPerCpuSecond),
          `${whole(one.lowestPerCpuSecond)}–${whole(one.highestPerCpuSecond)}`,
          whole(one.operationsPerSecond),
          one.busyCores.toFixed(2),
          one.p50Ms.toFixed(1),
          one.p99Ms.toFixed(1),
          String(gateways.find(({ name }) => name === one.gateway)?.fetches[query.name] ?? "–"),
        ]),
    })),
  ).filter(({ rows }) => rows.length > 0);

const titleOf = (gateways: readonly GatewayReport[], name: GatewayName): string =>
  gateways.find((one) => one.name === name)?.title ?? name;

const whole = (value: number): string => Math.round(value).toLocaleString("en");

/** For a terminal, with the verdict as its last line. */
export const writeTerminal = (report: Report): string => {
  const tables = sections(report).map(({ title, rows }) => {
    const table = new Table({ head: HEAD, style: { head: [], border: [] } });
    table.push(...rows);
    return `${title}\n${table}`;
  });
  const memory = report.gateways.map(({ title, peakRssMb }) => `${title} ${whole(peakRssMb)} MB`).join(", ");
  const disturbed = disturbance(report.measurements);
  return [...tables, `peak RSS: ${memory}`, ...(disturbed ? [disturbed] : []), verdict(report.targets)].join("\n");
};

export const writeMarkdown = (report: Report): string => {
  const { machine, schedule, gateways, targets } = report;
  return `${[
    "# The router beside its peers",
    `${verdict(targets)[0]?.toUpperCase()}${verdict(targets).slice(1)}.`,
    ...[disturbance(report.measurements)].filter((text) => text !== null),
    "![Operations a CPU second](router.svg)",
    "How this is measured, and how to read it: [bench/README.md](../README.md).",
    ...sections(report).flatMap(({ title, rows }) => [`## ${title}`, markdownTable(HEAD, rows)]),
    "## Targets",
    markdownTable(
      ["with unique Authorization, operations a CPU second", "wanted", "measured"],
      targets.map(({ title, atLeast, ratio }) => [
        title,
        `≥ ${atLeast} ×`,
        ratio === null ? "–" : `${ratio.toFixed(2)} ×`,
      ]),
    ),
    "## What ran",
    markdownTable(
      ["gateway", "what was on", "peak RSS"],
      gateways.map(({ title, settings, peakRssMb }) => [title, settings, `${whole(peakRssMb)} MB`]),
    ),
    `All of them: NODE_ENV=production, \`node ${report.nodeFlags}\`. ${agreementSentence(report)}`,
    `${machine.date.slice(0, 16).replace("T", " ")} UTC; Node.js ${machine.node}, ${machine.kernel}, ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB; ${machine.pinned}. ${schedule.rounds} rounds of ${schedule.sampleMs / 1_000} s for each figure, after ${schedule.warmUpMs / 1_000} s of warming up each time and ${schedule.firstWarmUpMs / 1_000} s at first; medians over rounds.`,
    Object.entries(machine.packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  ].join("\n\n")}\n`;
};

/** A gateway that is sent more than it can answer, and has a core to itself, keeps nearly all of it busy. */
const UNDISTURBED = 0.85;

/** A warning where something else had the gateways' core, which makes the same work dearer; null where nothing did. */
export const disturbance = (measurements: readonly Measurement[]): string | null => {
  const large = measurements.filter(({ query }) => query === "sixteen-fetches").map(({ busyCores }) => busyCores);
  const least = Math.min(...large);
  return least < UNDISTURBED
    ? `The machine had other work: a gateway had only ${least.toFixed(2)} of its core, and what it did there cost more than on an idle machine. Only ratios mean something, and those roughly.`
    : null;
};

const agreementSentence = ({ agreement, gateways }: Report): string => {
  if (agreement.kind === "different")
    return `Answers differ between ${agreement.gateways.join(" and ")} at ${agreement.where}.`;
  if (agreement.sameBytes) return "All answered the same data, byte for byte but for white space and extensions.";
  const names = agreement.otherOrder.map((name) => titleOf(gateways, name as GatewayName)).join(", ");
  return `All answered the same data; the fields of an object stand in another order at ${names}.`;
};

const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
