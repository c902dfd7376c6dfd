import { median } from "../statistics.ts";
import type { GatewayName, RunningGateway } from "./gateways.ts";
import type { Load, Traffic } from "./load.ts";
import { usageOf } from "./process-tree.ts";
import { QUERIES, type Query, type QueryName, TRAFFICS } from "./queries.ts";

/** Of one gateway, one query and one kind of traffic in one round. */
export interface Sample {
  readonly operationsPerCpuSecond: number;
  readonly operationsPerSecond: number;
  /** Cores that the gateway kept busy. */
  readonly busyCores: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Medians of the samples of all rounds, each number of its own. */
export interface Measurement extends Sample {
  readonly gateway: GatewayName;
  readonly query: QueryName;
  readonly traffic: Traffic;
  readonly lowestPerCpuSecond: number;
  readonly highestPerCpuSecond: number;
  readonly rounds: readonly Sample[];
}

export interface Schedule {
  readonly rounds: number;
  /** Of each gateway and query before the first round: code is compiled meanwhile. */
  readonly firstWarmUpMs: number;
  /** Before each sample: what another gateway's turn has cooled. */
  readonly warmUpMs: number;
  readonly sampleMs: number;
}

export interface Contest {
  readonly load: Load;
  readonly gateways: readonly RunningGateway[];
  /** Length of the answer of a gateway to a query. */
  bytesOf(gateway: GatewayName, query: QueryName): number;
  /** Throws when subgraphs had to execute more than a little since it was last asked. */
  checkSubgraphs(): Promise<void>;
  say(line: string): void;
}

/** In each round each gateway has its turn, one after the other, as the machine's own speed varies. */
export const measureAll = async (contest: Contest, schedule: Schedule): Promise<Measurement[]> => {
  const cells = QUERIES.flatMap((query) =>
    TRAFFICS.flatMap(({ name: traffic }) =>
      contest.gateways
        .filter(({ gateway }) => query.name === "one-fetch" || !gateway.oneFetchOnly)
        .map((running) => ({ running, query, traffic, samples: [] as Sample[] })),
    ),
  );
  for (const { running, query, traffic } of cells)
    if (traffic === "unique") await drive(contest, running, query, traffic, schedule.firstWarmUpMs);
  await contest.checkSubgraphs();
  for (let round = 1; round <= schedule.rounds; round += 1) {
    contest.say(`round ${round} of ${schedule.rounds}`);
    for (const { running, query, traffic, samples } of cells) {
      await drive(contest, running, query, traffic, schedule.warmUpMs);
      samples.push(await sample(contest, running, query, traffic, schedule.sampleMs));
    }
    await contest.checkSubgraphs();
  }
  return cells.map(({ running, query, traffic, samples }) => ({
    gateway: running.gateway.name,
    query: query.name,
    traffic,
    ...medians(samples),
    lowestPerCpuSecond: Math.min(...samples.map((one) => one.operationsPerCpuSecond)),
    highestPerCpuSecond: Math.max(...samples.map((one) => one.operationsPerCpuSecond)),
    rounds: samples,
  }));
};

const drive = (
  { load, bytesOf }: Contest,
  { gateway, url }: RunningGateway,
  query: Query,
  traffic: Traffic,
  ms: number,
) =>
  load.run({
    url,
    requests: [{ body: JSON.stringify({ query: query.text }), bytes: bytesOf(gateway.name, query.name) }],
    authorization: traffic,
    concurrency: query.concurrency,
    durationMs: ms,
  });

const sample = async (
  contest: Contest,
  running: RunningGateway,
  query: Query,
  traffic: Traffic,
  ms: number,
): Promise<Sample> => {
  const before = await usageOf(running.pid);
  const began = performance.now();
  const { operations, p50Ms, p99Ms } = await drive(contest, running, query, traffic, ms);
  const seconds = (performance.now() - began) / 1_000;
  const cpuSeconds = (await usageOf(running.pid)).cpuSeconds - before.cpuSeconds;
  return {
    operationsPerCpuSecond: operations / cpuSeconds,
    operationsPerSecond: operations / seconds,
    busyCores: cpuSeconds / seconds,
    p50Ms,
    p99Ms,
  };
};

const medians = (samples: readonly Sample[]): Sample => {
  const of = (name: keyof Sample) => median(samples.map((one) => one[name]));
  return {
    operationsPerCpuSecond: of("operationsPerCpuSecond"),
    operationsPerSecond: of("operationsPerSecond"),
    busyCores: of("busyCores"),
    p50Ms: of("p50Ms"),
    p99Ms: of("p99Ms"),
  };
};
