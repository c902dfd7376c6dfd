import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@supergraph/testing";
import type { Violation } from "../invariants/rules.ts";
import type { Row } from "./model.ts";
import { untilQuiet } from "./quiescence.ts";
import type { Random } from "./random.ts";
import type { Stage } from "./stage.ts";
import { percentile } from "./tallies.ts";
import type { RunningTraffic } from "./traffic.ts";

/** What came of one kind of fault. */
export interface RowResult {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped. */
  readonly problems: readonly string[];
  readonly violations: readonly Violation[];
  /** Whether there had to be violations: the build lacked a guard. */
  readonly isBroken: boolean;
  /** What the row told of itself. */
  readonly said: readonly string[];
  /** While the faults lasted. */
  readonly acknowledged: number;
  readonly shed: number;
  readonly retried: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From the end of the faults until nothing moved any more; null when that did not come. */
  readonly drainMs: number | null;
  readonly tookMs: number;
}

/** There have to be orders that can be hurt. */
const WARM_UP = { orders: 5, withinMs: 60_000 };
/** Beyond what the row asked for: restarts on a busy machine. */
const ROW_PATIENCE_MS = 240_000;
const DRAINS_WITHIN_MS = 120_000;
const BROKEN_DRAINS_WITHIN_MS = 15_000;
const ORDERS_VIA_API = 100;
const SHOWN_FAILURES = 5;

export interface RowOptions {
  readonly random: Random;
  readonly rate: number;
  readonly seconds: number;
}

/** Sends traffic, hurts the system, heals it, waits until it is quiet, and checks it. */
export const runRow = async (stage: Stage, row: Row, { random, rate, seconds }: RowOptions): Promise<RowResult> => {
  const { system, clientele } = stage;
  const startedAt = performance.now();
  const said: string[] = [];
  const reason = row.unavailable?.(system) ?? null;
  if (reason !== null) return skipped(row, reason);

  const traffic = clientele.send({ rate, random: random.fork(`traffic of ${row.name}`), mix: row.mix ?? {} });
  const problems: string[] = [];
  problems.push(...(await problemsOf("before any fault: ", 2 * WARM_UP.withinMs, () => warmUp(traffic))));
  const during = traffic.measure();
  problems.push(
    ...(await problemsOf("", ROW_PATIENCE_MS + seconds * 1_000, () =>
      row.run({ system, traffic, random: random.fork(row.name), seconds, say: (text) => said.push(text) }),
    )),
  );
  const { acknowledged, shed, retried, p50Ms, p99Ms } = during.end();
  problems.push(...(await problemsOf("healing: ", ROW_PATIENCE_MS, () => system.heal())));

  const healedAt = performance.now();
  await traffic.stop();
  const quiet = await untilQuiet(stage.watched, row.broken ? BROKEN_DRAINS_WITHIN_MS : DRAINS_WITHIN_MS);
  const drainMs = quiet.kind === "settled" ? performance.now() - healedAt : null;
  if (quiet.kind === "moving" && !row.broken) problems.push(`it did not come to rest: ${quiet.what.join("; ")}`);
  if (!row.broken) problems.push(...(await replayAll(stage, (text) => said.push(text))));
  const violations: Violation[] = [];
  // Of what still moves the checker would take for lost what is only on its way.
  if (quiet.kind === "settled" || row.broken)
    problems.push(
      ...(await problemsOf("checking: ", ROW_PATIENCE_MS, async () => {
        violations.push(...(await stage.check({ ordersViaApi: row.broken ? 0 : ORDERS_VIA_API })));
      })),
    );
  if (!row.broken) problems.push(...failuresOf(traffic));
  const { outcome, problem } = judge(row, problems, violations);
  return {
    name: row.name,
    outcome,
    problems: problem === null ? problems : [...problems, problem],
    violations,
    isBroken: row.broken !== undefined,
    said,
    acknowledged,
    shed,
    retried,
    p50Ms,
    p99Ms,
    drainMs,
    tookMs: performance.now() - startedAt,
  };
};

const warmUp = ({ tallies }: RunningTraffic): Promise<void> =>
  eventually(
    async () => {
      const { acknowledged } = tallies;
      if (acknowledged < WARM_UP.orders) throw new Error(`${acknowledged} orders were acknowledged`);
    },
    { timeoutMs: WARM_UP.withinMs },
  );

/** Replays what was buried, and waits until that is handled, too. Answers what went wrong. */
export const replayAll = (stage: Stage, say: (text: string) => void): Promise<string[]> =>
  problemsOf("replaying dead letters: ", ROW_PATIENCE_MS, async () => {
    const replayed = await stage.replayBuried();
    if (replayed === 0) return;
    say(`${replayed} dead letters replayed`);
    const quiet = await untilQuiet(stage.watched, DRAINS_WITHIN_MS);
    if (quiet.kind === "moving") throw new Error(`it did not come to rest: ${quiet.what.join("; ")}`);
  });

/** What went wrong, a line or none. */
export const problemsOf = async (what: string, withinMs: number, work: () => Promise<void>): Promise<string[]> => {
  const isOver = new AbortController();
  const tooLong = delay(withinMs, undefined, { signal: isOver.signal }).then(() => {
    throw new Error(`not done after ${Math.round(withinMs / 1_000)} s`);
  });
  // Of the two, the one that comes later is of no interest.
  tooLong.catch(() => undefined);
  try {
    await Promise.race([work(), tooLong]);
    return [];
  } catch (error) {
    return [`${what}${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`];
  } finally {
    isOver.abort();
  }
};

/** What clients were answered that no client should be, whatever is broken. */
export const failuresOf = ({ tallies: { failures } }: RunningTraffic): string[] =>
  failures.length === 0
    ? []
    : [`${failures.length} answers that no client should get: ${failures.slice(0, SHOWN_FAILURES).join(" | ")}`];

const judge = (
  { broken }: Row,
  problems: readonly string[],
  violations: readonly Violation[],
): { outcome: RowResult["outcome"]; problem: string | null } => {
  if (!broken)
    return { outcome: problems.length === 0 && violations.length === 0 ? "passed" : "failed", problem: null };
  const isNoticed = violations.some(({ rule, evidence }) => broken.violation.test(`${rule}: ${evidence}`));
  return {
    outcome: isNoticed && problems.length === 0 ? "passed" : "failed",
    problem: isNoticed
      ? null
      : `without the guard "${broken.off}" the checker had to find ${broken.violation}, and did not`,
  };
};

const skipped = ({ name }: Row, reason: string): RowResult => ({
  name,
  outcome: "skipped",
  problems: [reason],
  violations: [],
  isBroken: false,
  said: [],
  acknowledged: 0,
  shed: 0,
  retried: 0,
  p50Ms: 0,
  p99Ms: 0,
  drainMs: null,
  tookMs: 0,
});

/** Percentiles of all answers of a run. */
export const latencies = (values: readonly number[]): { p50Ms: number; p99Ms: number } => ({
  p50Ms: percentile(values, 0.5),
  p99Ms: percentile(values, 0.99),
});
