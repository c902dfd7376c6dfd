import type { Step } from "@supergraph/failpoints";
import { type Row, SUBGRAPHS, type Subgraph, type System } from "../model.ts";
import { dies, killed } from "./evidence.ts";
import { provocationOf } from "./provocations.ts";

/** Where each service can be ended between two steps. */
const STEPS: Readonly<Record<Subgraph, readonly Step[]>> = {
  users: ["transaction:before-commit", "transaction:committed", "relay:claimed", "relay:published"],
  products: [
    "transaction:before-commit",
    "transaction:committed",
    "relay:claimed",
    "relay:published",
    "consumer:received",
    "consumer:handled",
    "consumer:buried",
    "deadline:claimed",
  ],
  orders: [
    "order:committed",
    "transaction:before-commit",
    "transaction:committed",
    "relay:claimed",
    "relay:published",
    "consumer:received",
    "consumer:handled",
    "consumer:buried",
    "deadline:claimed",
  ],
  payments: [
    "transaction:before-commit",
    "transaction:committed",
    "relay:claimed",
    "relay:published",
    "consumer:received",
    "consumer:handled",
    "consumer:buried",
    "provider:answered",
    "webhook:recorded",
  ],
};

/** Steps that hardly ever come about by themselves come about once. */
const RARE: ReadonlySet<Step> = new Set(["consumer:buried", "deadline:claimed"]);
const MOST_HITS = 4;
const DIES_WITHIN_MS = 90_000;
/** For all steps of the service that has most. */
const SECONDS_FOR_ALL = 35;

/**
 * Each service goes through its steps on its own, all services at the same time: so pairs of deaths coincide as well. With
 * less time than for all of them it goes through some.
 */
export const killedAtSteps: Row = {
  name: "kill -9 at each named step",
  shortSeconds: SECONDS_FOR_ALL,
  async run(world) {
    const { system, random, seconds, say } = world;
    const share = Math.min(1, seconds / SECONDS_FOR_ALL);

    const died = await Promise.allSettled(
      SUBGRAPHS.map(async (subgraph) => {
        const own = random.fork(subgraph);
        const steps: string[] = [];
        const all = own.shuffle(STEPS[subgraph]);
        for (const step of all.slice(0, Math.ceil(all.length * share))) {
          const hit = subgraph === "users" || RARE.has(step) ? 1 : own.integer(1, MOST_HITS);
          await dieAt(system, subgraph, step, hit);
          steps.push(`${step} (${hit})`);
        }
        await system.service(subgraph).ready();
        say(`${subgraph} died at ${steps.join(", ")}`);
      }),
    );
    // Only now: what still goes on would hurt a system that is being healed.
    for (const result of died) if (result.status === "rejected") throw result.reason;
  },
};

/** It comes back armed for the next step: a process that was killed is started anyway. */
const dieAt = async (system: System, subgraph: Subgraph, step: Step, hit: number): Promise<void> => {
  const service = system.service(subgraph);
  await service.launch({ kill: { step, hit } });
  const stop = provocationOf(system, subgraph, step);
  try {
    const otherwise = `${subgraph} did not reach ${step} for the ${hit}. time within ${DIES_WITHIN_MS / 1_000} s`;
    killed(service, await dies(service, DIES_WITHIN_MS, otherwise));
  } finally {
    stop();
  }
};
