import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { machine } from "../machine.ts";
import { killAllOnExit } from "../router/child.ts";
import { usageOf } from "../router/process-tree.ts";
import { median, quantile } from "../statistics.ts";
import { GATEWAYS, type Gateway, type RunningGateway, startGateway } from "./gateways.ts";
import { createLargeGraph, type LargeGraph, type Version } from "./large-graph.ts";
import { askEach, startSubgraph, startTraffic } from "./traffic.ts";

interface Options {
  readonly subgraphs: number;
  readonly reloads: number;
  readonly build: boolean;
}

/** What happened while another supergraph was put in place, or, for comparison, while nothing was. */
interface Window {
  /** Until the other supergraph served; 0 where nothing was replaced. */
  readonly reloadMs: number;
  /** The longest time for which the gateway answered nobody. */
  readonly longestDelayMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Requests whose connection was closed on them. */
  readonly lost: number;
}

interface Measured {
  readonly gateway: string;
  readonly title: string;
  readonly peakRssMb: number;
  readonly reloads: readonly Window[];
  readonly quiet: readonly Window[];
}

/** Files of the two versions. */
type Paths = Readonly<Record<Version, string>>;

const NODE_FLAGS = ["--max-semi-space-size=128"];
/** As many as the router plans beforehand, by its defaults. */
const OPERATIONS_IN_USE = 200;
const QUIET_MS = 2_000;
/** What is left of a supergraph goes after the next one serves: that may keep clients waiting, too. */
const AFTERMATH_MS = 1_500;

const results = fileURLToPath(new URL("../results/", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

export const reloadCommand = (): Command =>
  new Command("reload")
    .description("How long another supergraph keeps clients waiting: this router and Apollo's gateway.")
    .option("--subgraphs <n>", "of the supergraph, with ten types each", wholeNumber, 100)
    .option("--reloads <n>", "of each gateway, of which the medians are shown", wholeNumber, 6)
    .option("--no-build", "measure the router as it was built before")
    .action(run);

const run = async ({ subgraphs, reloads, build }: Options): Promise<void> => {
  killAllOnExit();
  if (build) await buildRouter();
  const subgraph = await startSubgraph();
  const directory = await mkdtemp(join(tmpdir(), "supergraph-bench-"));
  try {
    say(`composing ${subgraphs} subgraphs, or taking what was composed before`);
    const graph = await createLargeGraph(subgraphs, subgraph.url);
    const paths = { a: join(directory, "a.graphql"), b: join(directory, "b.graphql") };
    await Promise.all([writeFile(paths.a, graph.supergraphs.a), writeFile(paths.b, graph.supergraphs.b)]);
    const measured: Measured[] = [];
    for (const gateway of GATEWAYS) measured.push(await measure(gateway, graph, paths, reloads));
    const report = { ...machine(), subgraphs, types: graph.types, nodeFlags: NODE_FLAGS.join(" "), measured };
    await mkdir(results, { recursive: true });
    await writeFile(join(results, "reload.json"), `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`${tableOf(measured)}\n${verdict(measured)}\n`);
  } finally {
    await rm(directory, { recursive: true, force: true });
    await subgraph.stop();
  }
};

const buildRouter = async (): Promise<void> => {
  say("building this router");
  const child = spawn("npm", ["exec", "--", "tsc", "-b", "router"], { cwd: root, stdio: ["ignore", 2, 2] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`The router cannot be built: tsc ended with ${code}.`);
};

const measure = async (gateway: Gateway, graph: LargeGraph, paths: Paths, reloads: number): Promise<Measured> => {
  say(gateway.title);
  const running = await startGateway(gateway, paths.a, NODE_FLAGS);
  try {
    const found = await measureRunning(running, graph, paths, reloads);
    const { peakRssMb } = await usageOf(running.pid);
    return { gateway: gateway.name, title: gateway.title, peakRssMb, ...found };
  } finally {
    await running.stop();
  }
};

const measureRunning = async (
  running: RunningGateway,
  { smallQuery, operations }: LargeGraph,
  paths: Paths,
  reloads: number,
): Promise<Pick<Measured, "reloads" | "quiet">> => {
  await askEach(running.url, [...operations(OPERATIONS_IN_USE), ...Array.from({ length: 500 }, () => smallQuery)]);
  const traffic = startTraffic(running.url, smallQuery);
  const window = async (work: () => Promise<number>): Promise<Window> => {
    traffic.take();
    await running.resetDelay();
    const reloadMs = await work();
    const longestDelayMs = await running.longestDelay();
    const { latencies, lost } = traffic.take();
    const sorted = [...latencies].sort((a, b) => a - b);
    return { reloadMs, longestDelayMs, p99Ms: quantile(sorted, 0.99), maxMs: sorted.at(-1) ?? Number.NaN, lost };
  };
  const found: { reloads: Window[]; quiet: Window[] } = { reloads: [], quiet: [] };
  for (let count = 0; count <= reloads; count += 1) {
    const quiet = await window(async () => {
      await pause(QUIET_MS);
      return 0;
    });
    const reload = await window(async () => {
      const ms = await running.reload(count % 2 === 0 ? paths.b : paths.a);
      await pause(AFTERMATH_MS);
      return ms;
    });
    // The first one compiles what the others run.
    if (count === 0) continue;
    found.quiet.push(quiet);
    found.reloads.push(reload);
  }
  await traffic.stop();
  return found;
};
const HEAD = [
  "gateway",
  "reload ms",
  "longest delay ms",
  "lowest–highest",
  "p99 ms",
  "max ms",
  "lost",
  "quiet: delay, p99 ms",
];

const tableOf = (measured: readonly Measured[]): string => {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  for (const { title, reloads, quiet } of measured) {
    const delays = reloads.map(({ longestDelayMs }) => longestDelayMs);
    table.push([
      title,
      whole(medianOf(reloads, "reloadMs")),
      whole(medianOf(reloads, "longestDelayMs")),
      `${whole(Math.min(...delays))}–${whole(Math.max(...delays))}`,
      whole(medianOf(reloads, "p99Ms")),
      whole(medianOf(reloads, "maxMs")),
      whole(reloads.reduce((sum, { lost }) => sum + lost, 0)),
      `${whole(medianOf(quiet, "longestDelayMs"))}, ${whole(medianOf(quiet, "p99Ms"))}`,
    ]);
  }
  return table.toString();
};

const verdict = (measured: readonly Measured[]): string =>
  `longest delay around a reload, median: ${measured
    .map(({ title, reloads }) => `${title} ${whole(medianOf(reloads, "longestDelayMs"))} ms`)
    .join("; ")}`;

const medianOf = (windows: readonly Window[], what: keyof Window): number => median(windows.map((one) => one[what]));

const whole = (value: number): string => Math.round(value).toLocaleString("en");

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("Expected a whole number from 1, such as 100.");
  return value;
};
