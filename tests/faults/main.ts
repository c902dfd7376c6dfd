import { randomInt } from "node:crypto";
import { setMaxListeners } from "node:events";
import { writeFile } from "node:fs/promises";
import { runLong } from "./long-run.ts";
import type { Row } from "./model.ts";
import { chooseRows, type Options, parseOptions } from "./options.ts";
import { countOutcomes, rowLines, rowTable, toJson, totalsTable } from "./report.ts";
import type { RowResult } from "./row-run.ts";
import { BROKEN_BUILDS, ROWS } from "./rows/index.ts";
import { type Hooks, runShort } from "./short-run.ts";
import type { Stage } from "./stage.ts";

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const run = async (args: readonly string[]): Promise<number> => {
  const parsed = parseOptions(args, randomInt(1_000_000));
  if (parsed.kind === "message") {
    (parsed.isError ? process.stderr : process.stdout).write(`${parsed.text}\n`);
    return parsed.isError ? 2 : 0;
  }
  const { options } = parsed;
  const all = options.minutes === null ? [...ROWS, ...BROKEN_BUILDS] : ROWS;
  const chosen = chooseRows(all, options.rows);
  if (chosen.kind === "unknown" || chosen.rows.length === 0) {
    const name = chosen.kind === "unknown" ? chosen.name : "";
    process.stderr.write(`error: no row has "${name}" in its name; --list tells the rows\n`);
    return 2;
  }
  if (options.list) {
    for (const { name } of chosen.rows) print(name);
    return 0;
  }
  return runAndReport(chosen.rows, options);
};

const runAndReport = async (rows: readonly Row[], options: Options): Promise<number> => {
  const { seed, rate, minutes } = options;
  const command = commandOf(options);
  print(`seed ${seed}, ${rate} orders a second; the same again: ${command}`);
  const hooks = {
    say: (text: string) => print(`       ${text}`),
    onRow: (result: RowResult) => print(rowLines(result)),
    onStage: endWithSignal(),
  };
  const result =
    minutes === null ? await runShort(rows, options, hooks) : await runLong(rows, { ...options, minutes }, hooks);
  if (options.json !== null) await writeFile(options.json, toJson(result, { seed, command }));
  print(`\n${rowTable(result.rows)}\n${totalsTable(result)}`);
  for (const directory of result.directories) print(`logs and data: ${directory}`);
  const { passed, failed, skipped } = countOutcomes(result.rows);
  if (failed > 0) print(`the same again: ${command}`);
  print(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed > 0 ? 1 : 0;
};

const commandOf = ({ seed, rate, minutes, rows }: Options): string =>
  [
    `npm run faults -- --seed ${seed} --rate ${rate}`,
    ...(minutes === null ? [] : [`--minutes ${minutes}`]),
    ...(rows === null ? [] : [`--rows "${rows.join(",")}"`]),
  ].join(" ");

/** Whoever interrupts the run finds no servers left behind, and the logs where they are. */
const endWithSignal = (): Hooks["onStage"] => {
  const stages = new Set<Stage>();
  let isEnding = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (isEnding) process.exit(130);
      isEnding = true;
      for (const { system } of stages) print(`interrupted; logs and data: ${system.directory}`);
      void Promise.allSettled([...stages].map(({ system }) => system.stop())).finally(() => process.exit(130));
    });
  return (stage, what) => {
    if (what === "entered") stages.add(stage);
    else stages.delete(stage);
  };
};

// Each server of each system is ended with this process.
setMaxListeners(0, process);

// At once: what a row that never ended has left running must not keep the program.
process.exit(await run(process.argv.slice(2)));
