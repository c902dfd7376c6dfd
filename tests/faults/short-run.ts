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

const SIGNED_IN = 100;

/**
 * Every row once, one after another, on one system as long as nothing goes wrong: what a failure leaves behind would
 * otherwise be the next one's fault. Builds that lack a guard run in systems of their own.
 */
export const runShort = async (
  rows: readonly Row[],
  { seed, rate, keep }: Pick<Options, "seed" | "rate" | "keep">,
  hooks: {
    readonly say: (text: string) => void;
    readonly onRow: (result: RowResult) => void;
    readonly onStage: (stage: Stage | null) => void;
  },
): Promise<RunResult> => {
  const startedAt = performance.now();
  const random = createRandom(seed);
  const results: RowResult[] = [];
  const accounts: Account[] = [];
  const directories: string[] = [];
  let stage: Stage | null = null;

  const leave = async (old: Stage, hasFailed: boolean, isBroken = false): Promise<void> => {
    if (!isBroken) accounts.push(old.account());
    if (keep || hasFailed) directories.push(old.system.directory);
    await old.close(keep || hasFailed);
    stage = null;
    hooks.onStage(null);
  };
  const enter = async (row: Row): Promise<Stage> => {
    const entered = await openStage({ say: hooks.say, ...(row.broken ? { off: row.broken.off } : {}) });
    hooks.onStage(entered);
    await entered.clientele.signIn(SIGNED_IN);
    return entered;
  };

  for (const row of rows) {
    if (stage && row.broken) await leave(stage, false);
    stage ??= await enter(row);
    const result = await runRow(stage, row, { random, rate, seconds: row.shortSeconds });
    results.push(result);
    hooks.onRow(result);
    if (result.outcome === "failed" || row.broken)
      await leave(stage, result.outcome === "failed", row.broken !== undefined);
  }
  if (stage) await leave(stage, false);
  return { rows: results, accounts, directories, tookMs: performance.now() - startedAt };
};
