import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "@supergraph/postgres";
import { eventually } from "@supergraph/testing";
import { z } from "zod";
import { type ManagedService, type Row, SUBGRAPHS, type Subgraph, type System } from "../model.ts";
import { happened, seconds as inSeconds, killed } from "./evidence.ts";

const TAKES_OVER_WITHIN_MS = 5_000;

/** Two processes of each subgraph: two relays that compete for one outbox, two of every consumer. Leaders are killed. */
export const twoOfEvery: Row = {
  name: "two relays, two of every consumer, with kills",
  shortSeconds: 8,
  async run({ system, random, seconds, say }) {
    await Promise.all(SUBGRAPHS.map((name) => system.addCopy(name)));
    for (const name of ["products", "payments"] as const) {
      const { tookMs, leader } = await killLeader(system, name);
      say(`the relay of ${name} was taken over after ${inSeconds(tookMs)}`);
      if (tookMs > TAKES_OVER_WITHIN_MS)
        throw new Error(`The relay of ${name} was taken over after ${inSeconds(tookMs)}: 5 s are promised.`);
      await leader.start();
    }
    const until = performance.now() + seconds * 500;
    let kills = 0;
    while (performance.now() < until) {
      const service = system.service(random.pick(SUBGRAPHS), random.integer(0, 1));
      if (service.pid !== undefined) {
        killed(service, await service.kill());
        kills += 1;
      }
      await pause(random.integer(300, 2_000));
    }
    happened(kills > 0, "nobody was killed");
    say(`${kills} more kills among the eight`);
  },
};

/** Which of two leads is seen from the sessions of the database: only the leader's ends with it. */
const killLeader = async (
  system: System,
  name: Subgraph,
): Promise<{ readonly tookMs: number; readonly leader: ManagedService }> => {
  const database = openDatabase({ url: system.databaseUrls[name], schema: {}, applicationName: "faults", max: 1 });
  try {
    const leader = await eventually(async () => {
      for (const copy of [0, 1]) {
        const service = system.service(name, copy);
        if (await leads(service)) return service;
      }
      throw new Error(`Nobody publishes what ${name} has in its outbox.`);
    });
    killed(leader, await leader.killAndHold());
    const killedAt = performance.now();
    const [clock] = z.array(z.object({ now: z.string() })).parse(await database.sql`select now()::text as now`);
    await eventually(
      async () => {
        // Whatever is published from now on, the other one published.
        const rows =
          await database.sql`select from outbox where published_at > ${clock?.now ?? ""}::timestamptz limit 1`;
        happened(rows.length > 0, `nobody published what ${name} has to say after its leading relay was killed`);
      },
      { timeoutMs: 30_000 },
    );
    return { tookMs: performance.now() - killedAt, leader };
  } finally {
    await database.close();
  }
};

const leads = async ({ origin }: ManagedService): Promise<boolean> => {
  const text = await (await fetch(`${origin}/metrics`, { signal: AbortSignal.timeout(2_000) })).text();
  return /^supergraph_relay_leader(\{[^}]*\})? 1$/m.test(text);
};
