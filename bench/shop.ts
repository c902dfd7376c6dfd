import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import Table from "cli-table3";
import { untilQuiet } from "../tests/faults/quiescence.ts";
import { createRandom } from "../tests/faults/random.ts";
import { openStage } from "../tests/faults/stage.ts";

/**
 * The whole shop of the fault suite, as processes behind its proxies, with customers who order at each rate in turn: what
 * is taken and refused, how long who was taken waited, and what an order costs the machine, customers included. The last
 * rate is meant to be too much: the ratio tells how much of the best of the others is still taken then.
 */
const RATES = (process.env.RATES ?? "10,40,120").split(",").map(Number);
if (RATES.length < 2 || !RATES.every((rate) => rate > 0))
  throw new RangeError(
    `RATES takes two rates or more, in orders a second, such as 10,40,120; got ${process.env.RATES}.`,
  );
const SECONDS = Number(process.env.SECONDS ?? 30);
const SIGNED_IN = 400;
const DRAINS_WITHIN_MS = 120_000;

/** Milliseconds that all cores together were busy since the machine started. */
const busyMs = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);

const stage = await openStage({ say: () => undefined });
const table = new Table({
  head: ["offered/s", "taken/s", "refused/s", "tried again/s", "p50 ms", "p99 ms", "CPU ms/order", "drained s"],
  style: { head: [], border: [] },
});
const taken: number[] = [];
try {
  await stage.clientele.signIn(SIGNED_IN);
  // What is compiled meanwhile costs nobody's order.
  for (const rate of [RATES[0] ?? 10, ...RATES]) {
    const traffic = stage.clientele.send({ rate, random: createRandom(rate) });
    const during = traffic.measure();
    const before = busyMs();
    await pause(SECONDS * 1_000);
    const { acknowledged, shed, retried, p50Ms, p99Ms } = during.end();
    await traffic.stop();
    const since = performance.now();
    const quiet = await untilQuiet(stage.watched, DRAINS_WITHIN_MS);
    if (quiet.kind === "moving") throw new Error(`It did not come to rest: ${quiet.what.join("; ")}`);
    // To its end: what is left to do for orders that were taken belongs to their cost.
    const cost = (busyMs() - before) / traffic.tallies.acknowledged;
    taken.push(acknowledged / SECONDS);
    if (taken.length === 1) continue;
    table.push([
      rate,
      ...[acknowledged, shed, retried].map((count) => (count / SECONDS).toFixed(1)),
      ...[p50Ms, p99Ms, cost].map((value) => value.toFixed(0)),
      ((performance.now() - since) / 1_000).toFixed(1),
    ]);
  }
  const violations = await stage.check({ ordersViaApi: 0 });
  const overloaded = taken.at(-1) ?? 0;
  const best = Math.max(...taken.slice(1, -1));
  process.stdout.write(
    `${table}\nunder the last rate ${((overloaded / best) * 100).toFixed(0)} % of the best of the others; ${violations.length} violations\n`,
  );
} finally {
  await stage.close(false);
}
process.exit(0);
