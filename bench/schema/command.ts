import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { machine } from "../machine.ts";
import { median } from "../statistics.ts";
import { type GraphOnDisk, writeGraph } from "./graphs.ts";

interface Options {
  readonly rounds: number;
  readonly sizes: readonly string[];
}

/** One process, from its start to its end. */
interface Sample {
  readonly seconds: number;
  readonly peakRssMb: number;
}

const WAYS = ["bare", "check", "changed", "warm"] as const;
type Way = (typeof WAYS)[number];

const TITLES: Readonly<Record<Way, string>> = {
  bare: "@apollo/composition alone",
  check: "check",
  changed: "check --base, one subgraph changed, nothing cached",
  warm: "check --base, one subgraph changed, base cached",
};

interface Measured {
  readonly graph: string;
  readonly samples: Readonly<Record<Way, readonly Sample[]>>;
}

/** What our part of a check may cost above composing. */
const MAX_OVERHEAD = 0.25;
const MAX_OUR_GRAPH_SECONDS = 1.5;

const root = fileURLToPath(new URL("../../", import.meta.url));
const results = join(root, "bench", "results");
const say = (line: string): void => void process.stderr.write(`${line}\n`);

export const schemaCommand = (): Command =>
  new Command("schema")
    .description("What checking a schema takes, beside composing it with @apollo/composition alone.")
    .option("--rounds <n>", "of each, of which the medians are shown", wholeNumber, 5)
    .option("--sizes <n...>", "numbers of subgraphs, with ten types each", ["100", "300"])
    .action(run);

const run = async ({ rounds, sizes }: Options): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-bench-schema-"));
  try {
    const shop = await measureShop(rounds);
    say(`our graph: ${secondsOf(shop.again)} s; ${secondsOf(shop.first)} s as the very first time`);
    const measured: Measured[] = [];
    for (const size of sizes.map(wholeNumber))
      measured.push(await measure(await writeGraph(directory, size), directory, rounds));
    const report = { ...machine(), rounds, shop, measured, ...judge(shop.again, measured) };
    await mkdir(results, { recursive: true });
    await writeFile(join(results, "schema.json"), `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`${tableOf(measured)}\n${report.verdict}\n`);
  } finally {
    await rm(directory, { recursive: true });
  }
};

const KEPT_PROGRAMS = join(root, "node_modules/.cache/supergraph-programs");

/** The command of the README, without npm. */
const PROGRAM = [join(root, "scripts/run-source.mjs"), join(root, "schema/src/main.ts")];

/** Against the last commit, with no composition kept: once more, and as the very first time. */
const measureShop = async (rounds: number): Promise<{ readonly again: Sample[]; readonly first: Sample[] }> => {
  const again: Sample[] = [];
  const first: Sample[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await rm(KEPT_PROGRAMS, { recursive: true, force: true });
    for (const samples of [first, again])
      samples.push(await sample([...PROGRAM, "check", "--base", "git:HEAD", "--no-cache"]));
  }
  return { again, first };
};

const measure = async (graph: GraphOnDisk, directory: string, rounds: number): Promise<Measured> => {
  const samples: Record<Way, Sample[]> = { bare: [], check: [], changed: [], warm: [] };
  const check = (...args: string[]) => sample([...PROGRAM, "--config", graph.config, "check", ...args]);
  const against = ["--base", `file:${graph.baseConfig}`];
  // The cache knows the base from now on; what it knows of the head is taken from it each time.
  const warmed = join(directory, "warmed");
  for (let round = 0; round < rounds; round += 1) {
    samples.bare.push(await sample([join(root, "bench/schema/bare.mjs"), graph.config]));
    samples.check.push(await check("--no-cache"));
    samples.changed.push(await check(...against, "--no-cache"));
    await rm(warmed, { recursive: true, force: true });
    await sample([...PROGRAM, "--config", graph.baseConfig, "check", "--cache-folder", warmed]);
    samples.warm.push(await check(...against, "--cache-folder", warmed));
    say(`${graph.name}: ${WAYS.map((way) => `${way} ${samples[way].at(-1)?.seconds.toFixed(2)} s`).join(", ")}`);
  }
  return { graph: graph.name, samples };
};

/** Exit code 1 is a check that found something to say. */
const sample = async (args: readonly string[]): Promise<Sample> => {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-bench-rss-"));
  const PEAK_RSS_FILE = join(directory, "peak");
  try {
    const began = performance.now();
    await runToEnd(process.execPath, ["--require", join(root, "bench/schema/peak-rss.cjs"), ...args], {
      PEAK_RSS_FILE,
    });
    const seconds = (performance.now() - began) / 1_000;
    return { seconds, peakRssMb: Number(await readFile(PEAK_RSS_FILE, "utf8")) / 1_024 };
  } finally {
    await rm(directory, { recursive: true });
  }
};

const runToEnd = async (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> => {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0 && code !== 1) throw new Error(`${command} ${args.join(" ")} ended with ${code}.\n${errors}`);
};

const judge = (shop: readonly Sample[], measured: readonly Measured[]) => {
  const ourGraphSeconds = median(shop.map(({ seconds }) => seconds));
  const overheads = measured.map(({ graph, samples }) => ({
    graph,
    // Of rounds that were run beside each other, not of medians: the machine's speed varies.
    time: median(samples.check.map(({ seconds }, round) => seconds / (samples.bare[round]?.seconds ?? Number.NaN))) - 1,
    memory:
      median(samples.check.map(({ peakRssMb }, round) => peakRssMb / (samples.bare[round]?.peakRssMb ?? Number.NaN))) -
      1,
  }));
  const missed = [
    ...(ourGraphSeconds > MAX_OUR_GRAPH_SECONDS
      ? [`our graph in ${ourGraphSeconds.toFixed(2)} s (wanted ${MAX_OUR_GRAPH_SECONDS} s)`]
      : []),
    ...overheads.flatMap(({ graph, time, memory }) => [
      ...(time > MAX_OVERHEAD ? [`${graph}: ${percent(time)} more time`] : []),
      ...(memory > MAX_OVERHEAD ? [`${graph}: ${percent(memory)} more memory`] : []),
    ]),
  ];
  const told = overheads.map(
    ({ graph, time, memory }) => `${graph}: ${percent(time)} of time, ${percent(memory)} of memory`,
  );
  return {
    ourGraphSeconds,
    overheads,
    verdict: [
      `Above composing alone: ${told.join("; ")}. Our graph: ${ourGraphSeconds.toFixed(2)} s.`,
      missed.length === 0 ? "targets met" : `targets missed: ${missed.join("; ")}`,
    ].join("\n"),
  };
};

const secondsOf = (samples: readonly Sample[]): string => median(samples.map(({ seconds }) => seconds)).toFixed(2);

const percent = (share: number): string => `${share >= 0 ? "+" : ""}${(100 * share).toFixed(0)} %`;

const tableOf = (measured: readonly Measured[]): string => {
  const table = new Table({
    head: ["graph", "what", "seconds", "lowest–highest", "peak RSS, MB"],
    style: { head: [], border: [] },
  });
  for (const { graph, samples } of measured)
    for (const way of WAYS) {
      const seconds = samples[way].map((one) => one.seconds);
      table.push([
        graph,
        TITLES[way],
        median(seconds).toFixed(2),
        `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
        median(samples[way].map((one) => one.peakRssMb)).toFixed(0),
      ]);
    }
  return table.toString();
};

const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("expected a whole number from 1 on.");
  return Number(text);
};
