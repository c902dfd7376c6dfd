import type { Row } from "./model.ts";
import type { Options } from "./options.ts";
import { createRandom } from "./random.ts";
import { type RowResult, runRow } from "./row-run.ts";
import { type Account, openStage, type Stage } from "./stage.ts";

export interface RunResult {
  readonly rows: readonly RowResult[];
  /** Of each system that ran whole. */
  readonly accounts: readonly Account[];
  /** Where logs and data were left. */
  readonly directories: readonly string[];
  readonly tookMs: number;
}

/** What is told while it runs. */
export interface Hooks {
  readonly say: (text: string) => void;
  readonly onRow: (result: RowResult) => void;
  /** Of each system that runs: whoever interrupts the run has to stop it. */
  readonly onStage: (stage: Stage, what: "entered" | "left") => void;
}

/** To compare a password is meant to be slow: who comes when more are needed signs in then. */
const SIGNED_IN = 30;

/**
 * Every row once, in two lanes side by side, since most rows wait more than they work. Each lane has one system as long as
 * nothing goes wrong: what a failure leaves behind would otherwise be the next one's fault. The second begins with the
 * builds that lack a guard, each in a system of its own, and then takes rows from the end, until the lanes meet.
 */
export const runShort = async (
  rows: readonly Row[],
  { seed, rate, keep }: Pick<Options, "seed" | "rate" | "keep">,
  { say, onRow, onStage }: Hooks,
): Promise<RunResult> => {
  const startedAt = performance.now();
  const random = createRandom(seed);
  const results: RowResult[] = [];
  const accounts: Account[] = [];
  const directories: string[] = [];

  const enter = async (row: Row): Promise<Stage> => {
    const stage = await openStage({ say, ...(row.broken ? { off: row.broken.off } : {}) });
    onStage(stage, "entered");
    await stage.clientele.signIn(SIGNED_IN);
    return stage;
  };
  const perform = async (stage: Stage, row: Row): Promise<RowResult> => {
    const result = await runRow(stage, row, { random, rate, seconds: row.shortSeconds });
    results.push(result);
    onRow(result);
    return result;
  };
  const leave = async (stage: Stage, hasFailed: boolean): Promise<void> => {
    if (keep || hasFailed) directories.push(stage.system.directory);
    await stage.close(keep || hasFailed);
    onStage(stage, "left");
  };

  const runSound = async (next: () => Row | undefined): Promise<void> => {
    let stage: Stage | null = null;
    for (let row = next(); row; row = next()) {
      stage ??= await enter(row);
      const { outcome } = await perform(stage, row);
      if (outcome !== "failed") continue;
      accounts.push(stage.account());
      await leave(stage, true);
      stage = null;
    }
    if (!stage) return;
    accounts.push(stage.account());
    await leave(stage, false);
  };
  const runBroken = async (): Promise<void> => {
    for (const row of rows.filter(({ broken }) => broken)) {
      const stage = await enter(row);
      const { outcome } = await perform(stage, row);
      await leave(stage, outcome === "failed");
    }
  };

  const sound = rows.filter(({ broken }) => !broken);
  // Each to its end: whatever runs has to be stopped by those who started it.
  const lanes = await Promise.allSettled([
    runSound(() => sound.shift()),
    runBroken().then(() => runSound(() => sound.pop())),
  ]);
  for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
  const inOrder = rows.flatMap(({ name }) => results.filter((result) => result.name === name));
  return { rows: inOrder, accounts, directories, tookMs: performance.now() - startedAt };
};
