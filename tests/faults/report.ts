import Table from "cli-table3";
import type { LongRunResult } from "./long-run.ts";
import type { RowResult } from "./row-run.ts";
import type { RunResult } from "./short-run.ts";
import type { Account } from "./stage.ts";

const SHOWN_VIOLATIONS = 10;
/** Where there had to be some. */
const SHOWN_CATCHES = 3;

/** One row as soon as it is over; details only where there are some. */
export const rowLines = (result: RowResult): string => {
  const { name, outcome, said, problems, violations, isBroken, tookMs } = result;
  const shown = isBroken ? SHOWN_CATCHES : SHOWN_VIOLATIONS;
  const label = isBroken ? "       noticed" : "     ! violated";
  const mark = { passed: "ok  ", failed: "FAIL", skipped: "skip" }[outcome];
  return [
    `${mark} ${name} (${inSeconds(tookMs)})`,
    ...said.map((text) => `       ${text}`),
    ...problems.map((text) => `     ! ${text}`),
    ...violations.slice(0, shown).map(({ rule, evidence }) => `${label}: ${rule}: ${evidence}`),
    ...(violations.length > shown ? [`${label}: … and ${violations.length - shown} more`] : []),
  ].join("\n");
};

export const rowTable = (rows: readonly RowResult[]): string => {
  const table = new Table({
    head: ["fault", "result", "acknowledged", "shed", "tried again", "p50 ms", "p99 ms", "drained", "violations"],
    colAligns: ["left", "left", "right", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows)
    table.push([
      row.name,
      row.outcome,
      row.acknowledged,
      row.shed,
      row.retried,
      Math.round(row.p50Ms),
      Math.round(row.p99Ms),
      row.drainMs === null ? "–" : inSeconds(row.drainMs),
      row.violations.length,
    ]);
  return table.toString();
};

export const totalsTable = (result: RunResult | LongRunResult): string => {
  const account = sum(result.accounts);
  const table = new Table({ style: { head: [], border: [], compact: true }, colAligns: ["left", "right"] });
  const line = (name: string, value: string | number) => table.push([name, value]);
  line("orders sent", account.sent);
  line("acknowledged", account.acknowledged);
  line("refused for good", account.refused);
  line("found", account.found);
  line("lost", account.lost);
  for (const [status, orders] of [...account.byStatus].sort()) line(`  ${status}`, orders);
  if ("begun" in result) {
    line("customers turned away by the client", result.turnedAway);
    line("shed", result.shed);
    line("tried again", result.retried);
    line("p50, p99 of accepted, ms", `${Math.round(result.p50Ms)}, ${Math.round(result.p99Ms)}`);
    line("acknowledged a second", (account.acknowledged / (result.tookMs / 1_000)).toFixed(1));
  } else
    line(
      "shed",
      result.rows.reduce((total, { shed }) => total + shed, 0),
    );
  line("redeliveries", account.redeliveries);
  line("dead letters", account.deadLetters);
  line("  replayed", account.replayed);
  const unwanted = result.rows.filter(({ isBroken }) => !isBroken);
  line(
    "violations",
    unwanted.reduce((total, { violations }) => total + violations.length, 0),
  );
  line("took", inSeconds(result.tookMs));
  return table.toString();
};

const sum = (accounts: readonly Account[]): Account => {
  const byStatus = new Map<string, number>();
  for (const account of accounts)
    for (const [status, orders] of account.byStatus) byStatus.set(status, (byStatus.get(status) ?? 0) + orders);
  const total = (of: (account: Account) => number) => accounts.reduce((all, account) => all + of(account), 0);
  return {
    sent: total(({ sent }) => sent),
    acknowledged: total(({ acknowledged }) => acknowledged),
    refused: total(({ refused }) => refused),
    found: total(({ found }) => found),
    lost: total(({ lost }) => lost),
    redeliveries: total(({ redeliveries }) => redeliveries),
    deadLetters: total(({ deadLetters }) => deadLetters),
    replayed: total((account) => account.replayed),
    byStatus,
  };
};

export const countOutcomes = (
  rows: readonly RowResult[],
): { readonly passed: number; readonly failed: number; readonly skipped: number } => {
  const count = (outcome: RowResult["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
};

/** For programs: everything that the tables show, and the evidence. */
export const toJson = (result: RunResult | LongRunResult, run: { readonly seed: number; readonly command: string }) =>
  JSON.stringify(
    { ...run, ...countOutcomes(result.rows), ...result, total: sum(result.accounts) },
    (_key, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value),
    2,
  );

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
