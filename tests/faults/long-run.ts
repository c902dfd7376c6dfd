import { setTimeout as delay } from "node:timers/promises";
import type { Row, World } from "./model.ts";
import type { Options } from "./options.ts";
import { untilCaughtUp, untilQuiet } from "./quiescence.ts";
import { createRandom, type Random } from "./random.ts";
import { failuresOf, latencies, problemsOf, type RowResult, replayAll } from "./row-run.ts";
import type { Hooks, RunResult } from "./short-run.ts";
import { openStage, type Stage } from "./stage.ts";
import type { RunningTraffic } from "./traffic.ts";

/** What the whole run shows besides its faults. */
export interface LongRunResult extends RunResult {
  readonly begun: number;
  readonly turnedAway: number;
  readonly shed: number;
  readonly retried: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const SIGNED_IN = 200;
const FAULT_SECONDS = { min: 10, max: 30 };
const PEACE_SECONDS = { min: 45, max: 75 };
const ROW_PATIENCE_MS = 300_000;
const CATCHES_UP_WITHIN_MS = 180_000;
const DRAINS_WITHIN_MS = 300_000;
const ORDERS_VIA_API = 5_000;
/** Outboxes keep what they published for ten minutes. */
const NOTE_MESSAGES_EVERY_MS = 4 * 60_000;

/**
 * Traffic all the time, and one fault after another, drawn by the seed: all of `rows` in an order of chance, then again.
 * What the system owes is checked once, when the traffic has stopped and nothing moves any more.
 */
export const runLong = async (
  rows: readonly Row[],
  { seed, rate, minutes, keep }: { seed: number; rate: number; minutes: number } & Pick<Options, "keep">,
  hooks: Hooks,
): Promise<LongRunResult> => {
  const startedAt = performance.now();
  const random = createRandom(seed);
  const stage = await openStage({ say: hooks.say });
  hooks.onStage(stage, "entered");
  await stage.clientele.signIn(SIGNED_IN);
  const traffic = stage.clientele.send({ rate, random: random.fork("traffic") });
  const noting = noteMessages(stage, hooks.say);
  const results: RowResult[] = [];
  const tell = (result: RowResult): void => {
    results.push(result);
    hooks.onRow(result);
  };

  const until = performance.now() + minutes * 60_000;
  const faults = random.fork("faults");
  for (const row of endlessly(rows, faults)) {
    await delay(faults.integer(PEACE_SECONDS.min, PEACE_SECONDS.max) * 1_000);
    const left = Math.floor((until - performance.now()) / 1_000);
    if (left < FAULT_SECONDS.min) break;
    const seconds = Math.min(left, faults.integer(FAULT_SECONDS.min, FAULT_SECONDS.max));
    tell(await hurt(stage, row, { traffic, random: faults.fork(`${row.name} ${results.length}`), seconds }));
  }
  await delay(Math.max(0, until - performance.now()));
  await traffic.stop();
  noting.stop();

  tell(await conclude(stage, traffic));
  const hasFailed = results.some(({ outcome }) => outcome === "failed");
  const { begun, turnedAway, shed, retried, latenciesMs } = traffic.tallies;
  const account = stage.account();
  await stage.close(keep || hasFailed);
  hooks.onStage(stage, "left");
  return {
    rows: results,
    accounts: [account],
    directories: keep || hasFailed ? [stage.system.directory] : [],
    tookMs: performance.now() - startedAt,
    begun,
    turnedAway,
    shed,
    retried,
    ...latencies(latenciesMs),
  };
};

function* endlessly(rows: readonly Row[], random: Random): Generator<Row> {
  while (rows.length > 0) yield* random.shuffle(rows);
}

/** One fault among the traffic. Orders that are under way at its end must have come to their ends a while later. */
const hurt = async (
  stage: Stage,
  row: Row,
  world: Pick<World, "random" | "seconds"> & { readonly traffic: RunningTraffic },
): Promise<RowResult> => {
  const { system } = stage;
  const { traffic, seconds } = world;
  const startedAt = performance.now();
  const said: string[] = [];
  const problems: string[] = [];
  const reason = row.unavailable?.(system) ?? null;
  traffic.setMix(row.mix ?? {});
  const during = traffic.measure();
  if (reason === null)
    problems.push(
      ...(await problemsOf("", ROW_PATIENCE_MS + seconds * 1_000, () =>
        row.run({ ...world, system, say: (text) => said.push(text) }),
      )),
    );
  const { acknowledged, shed, retried, p50Ms, p99Ms } = during.end();
  traffic.setMix({});
  problems.push(...(await problemsOf("healing: ", ROW_PATIENCE_MS, () => system.heal())));
  const caughtUp = await untilCaughtUp(stage.watched, CATCHES_UP_WITHIN_MS);
  if (caughtUp.kind === "moving") problems.push(`orders of that time did not end: ${caughtUp.what.join("; ")}`);
  // As people would who were alerted: what is dead is lost with the store of the broker, should that be the next fault.
  problems.push(...(await problemsOf("replaying dead letters: ", ROW_PATIENCE_MS, () => replay(stage, said))));
  return {
    name: row.name,
    outcome: reason !== null ? "skipped" : problems.length === 0 ? "passed" : "failed",
    problems: reason === null ? problems : [reason],
    violations: [],
    isBroken: false,
    said,
    acknowledged,
    shed,
    retried,
    p50Ms,
    p99Ms,
    drainMs: caughtUp.kind === "settled" ? caughtUp.tookMs : null,
    tookMs: performance.now() - startedAt,
  };
};

const replay = async (stage: Stage, said: string[]): Promise<void> => {
  const replayed = await stage.replayBuried();
  if (replayed > 0) said.push(`${replayed} dead letters replayed`);
};

/** The end of the run: everything comes to rest, and is checked. */
const conclude = async (stage: Stage, traffic: RunningTraffic): Promise<RowResult> => {
  const startedAt = performance.now();
  const quiet = await untilQuiet(stage.watched, DRAINS_WITHIN_MS);
  const problems = quiet.kind === "moving" ? [`it did not come to rest: ${quiet.what.join("; ")}`] : [];
  const said: string[] = [];
  problems.push(...(await replayAll(stage, (text) => said.push(text))));
  const violations = await stage.check({ ordersViaApi: ORDERS_VIA_API });
  problems.push(...failuresOf(traffic));
  return {
    name: "the whole run, at rest",
    outcome: problems.length + violations.length === 0 ? "passed" : "failed",
    problems,
    violations,
    isBroken: false,
    said,
    acknowledged: traffic.tallies.acknowledged,
    shed: traffic.tallies.shed,
    retried: traffic.tallies.retried,
    ...latencies(traffic.tallies.latenciesMs),
    drainMs: quiet.kind === "settled" ? quiet.tookMs : null,
    tookMs: performance.now() - startedAt,
  };
};

/** A database may be down just then: the next time is early enough. */
const noteMessages = ({ messages }: Stage, say: (text: string) => void): { stop(): void } => {
  const timer = setInterval(() => {
    messages.note().catch((error: unknown) => say(`messages could not be noted this time: ${String(error)}`));
  }, NOTE_MESSAGES_EVERY_MS);
  return { stop: () => clearInterval(timer) };
};
