import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { holdThisProcess, killAllOnExit, splitCores } from "./child.ts";
import { holdContest } from "./contest.ts";
import { GATEWAYS, type GatewayName, NODE_FLAGS } from "./gateways.ts";
import { describeMachine } from "./machine.ts";
import type { Schedule } from "./measure.ts";
import { writePlot } from "./plot.ts";
import { type Report, writeMarkdown, writeTerminal } from "./report.ts";
import { soak } from "./soak.ts";
import { judge } from "./targets.ts";

interface Options {
  readonly quick: boolean;
  readonly only?: readonly GatewayName[];
  readonly rounds?: number;
  readonly soak?: number;
  readonly build: boolean;
}

const FULL: Schedule = { rounds: 5, firstWarmUpMs: 8_000, warmUpMs: 1_500, sampleMs: 5_000 };
const QUICK: Schedule = { rounds: 3, firstWarmUpMs: 3_000, warmUpMs: 500, sampleMs: 2_000 };

const results = fileURLToPath(new URL("../results/", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const peers = fileURLToPath(new URL(".", import.meta.url));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

export const routerCommand = (): Command =>
  new Command("router")
    .description("The router beside Apollo's gateway, Hive Gateway and a bare proxy: what an operation costs each.")
    .option("--quick", "shorter and fewer rounds, within five minutes; results are printed and not kept", false)
    .addOption(
      new Option("--only <names...>", "these gateways only; results are printed and not kept").choices(
        GATEWAYS.map(({ name }) => name),
      ),
    )
    .option("--rounds <n>", "rounds of which the medians are shown", wholeNumber)
    .option(
      "--soak <minutes>",
      "instead: mixed load on this router alone, and whether its memory stays",
      positiveNumber,
    )
    .option("--no-build", "measure the router as it was built before")
    .action(run);

const run = async ({ quick, only, rounds, soak: minutes, build }: Options): Promise<void> => {
  killAllOnExit();
  const chosen = GATEWAYS.filter(({ name }) => only?.includes(name) ?? true);
  const cores = splitCores();
  if (typeof cores === "string") say(cores);
  const held = typeof cores === "string" ? null : cores;
  if (held) holdThisProcess(held);
  if (build && (minutes !== undefined || chosen.some(({ name }) => name === "ours")))
    await npm(["exec", "--", "tsc", "-b", "router"], "building this router");
  if (!existsSync(`${peers}node_modules`))
    await npm(["ci", "--prefix", peers, "--no-audit", "--no-fund", "--silent"], "installing the peers");
  await mkdir(results, { recursive: true });
  if (minutes !== undefined) {
    const soaked = await soak(minutes, held, describeMachine(cores), say);
    await writeFile(`${results}router-soak.json`, toJson(soaked.report));
    process.stdout.write(`${soaked.verdict}\n`);
    return;
  }
  const schedule = { ...(quick ? QUICK : FULL), ...(rounds === undefined ? {} : { rounds }) };
  const found = await holdContest(chosen, schedule, held, say);
  const report: Report = {
    machine: describeMachine(cores),
    schedule,
    nodeFlags: NODE_FLAGS.join(" "),
    ...found,
    targets: judge(found.measurements),
  };
  // What is kept is a whole run: part of one would stand there as if it were all.
  if (!quick && !only) {
    await writeFile(`${results}router.json`, toJson(report));
    await writeFile(`${results}router.md`, writeMarkdown(report));
    await writeFile(`${results}router.svg`, writePlot(report));
  }
  process.stdout.write(`${writeTerminal(report)}\n`);
};

/** Nothing that is measured here is exact to a thousandth. */
const toJson = (report: object): string =>
  `${JSON.stringify(report, (_, value: unknown) => (typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value), 2)}\n`;

const npm = async (args: readonly string[], what: string): Promise<void> => {
  say(what);
  const child = spawn("npm", args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${what} failed: npm ${args.join(" ")} ended with ${code}.`);
};

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("Expected a whole number from 1, such as 5.");
  return value;
};

const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number above 0, such as 10.");
  return value;
};
