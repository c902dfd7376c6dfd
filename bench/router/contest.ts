import { type Agreement, compareAnswers } from "./answers.ts";
import type { Cores } from "./child.ts";
import { type Gateway, type GatewayName, post, type RunningGateway, startGateway } from "./gateways.ts";
import { startLoad } from "./load.ts";
import { type Contest, type Measurement, measureAll, type Schedule } from "./measure.ts";
import { usageOf } from "./process-tree.ts";
import { QUERIES, type QueryName } from "./queries.ts";
import type { GatewayReport } from "./report.ts";
import { prepareSite } from "./site.ts";
import { type Subgraphs, startSubgraphs } from "./subgraphs.ts";

export interface ContestResult {
  readonly gateways: readonly GatewayReport[];
  readonly agreement: Agreement;
  readonly measurements: readonly Measurement[];
}

/**
 * Starts all that takes part, lets the gateways show that they answer the same, measures them and stops everything again.
 * @throws Error when one does not start, answers anything else than the others, or fails while it is measured.
 */
export const holdContest = async (
  gateways: readonly Gateway[],
  schedule: Schedule,
  cores: Cores | null,
  say: (line: string) => void,
): Promise<ContestResult> => {
  const stops: (() => Promise<void>)[] = [];
  try {
    const subgraphs = await startSubgraphs(cores?.others ?? null);
    stops.push(() => subgraphs.stop());
    const site = await prepareSite(subgraphs);
    stops.push(() => site.remove());
    const load = await startLoad(cores?.others ?? null);
    stops.push(() => load.stop());
    const running: RunningGateway[] = [];
    for (const gateway of gateways) {
      say(`starting ${gateway.title}`);
      const started = await startGateway(gateway, site, cores?.gateway ?? null);
      stops.push(() => started.stop());
      running.push(started);
    }
    const asked = await askAll(running, subgraphs);
    const measurements = await measureAll(
      { load, gateways: running, bytesOf: asked.bytesOf, checkSubgraphs: asked.checkSubgraphs, say } satisfies Contest,
      schedule,
    );
    const reports = running.map(async ({ gateway: { name, title, settings }, pid }) => {
      const { peakRssMb } = await usageOf(pid);
      return { name, title, settings, peakRssMb, fetches: asked.fetchesOf(name) };
    });
    return { gateways: await Promise.all(reports), agreement: asked.agreement, measurements };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
};

interface Asked {
  readonly agreement: Agreement;
  bytesOf(gateway: GatewayName, query: QueryName): number;
  fetchesOf(gateway: GatewayName): Record<string, number | null>;
  checkSubgraphs(): Promise<void>;
}

/** Of one round: which fetches go together is a matter of time at Hive Gateway, so that a wording may come late. */
const FEW_MISSES = 50;

/** Asks every gateway every query, more than once: what is remembered must not change an answer. */
const askAll = async (running: readonly RunningGateway[], subgraphs: Subgraphs): Promise<Asked> => {
  const bytes = new Map<string, number>();
  const fetches = new Map<string, number>();
  const otherOrder = new Set<string>();
  for (const query of QUERIES) {
    const answers = new Map<string, string>();
    for (const { gateway, url } of running) {
      if (gateway.oneFetchOnly && query.name !== "one-fetch") continue;
      for (const repetition of [1, 2, 3]) {
        const authorization = `Bearer ${gateway.name}-${repetition}`;
        const before = (await subgraphs.counters()).calls;
        const answer = await post(url, query.text, authorization);
        const after = await subgraphs.counters();
        if (answer.status !== 200)
          throw new Error(`${gateway.title} answered ${answer.status} to ${query.name}: ${answer.text.slice(0, 500)}`);
        if (after.authorization !== authorization)
          throw new Error(`${gateway.title} did not pass authorization on: a subgraph got ${after.authorization}.`);
        const key = `${gateway.name} ${query.name}`;
        const known = answers.get(gateway.name);
        if (known !== undefined)
          requireSame(
            new Map([
              [`${gateway.name} before`, known],
              [gateway.name, answer.text],
            ]),
            query.name,
          );
        answers.set(gateway.name, answer.text);
        bytes.set(key, answer.bytes);
        fetches.set(key, after.calls - before);
      }
    }
    for (const name of requireSame(answers, query.name)) otherOrder.add(name);
  }
  let known = (await subgraphs.counters()).misses;
  return {
    agreement: { kind: "same", sameBytes: otherOrder.size === 0, otherOrder: [...otherOrder] },
    bytesOf: (gateway, query) => bytes.get(`${gateway} ${query}`) ?? 0,
    fetchesOf: (gateway) =>
      Object.fromEntries(QUERIES.map(({ name }) => [name, fetches.get(`${gateway} ${name}`) ?? null])),
    async checkSubgraphs() {
      const { misses } = await subgraphs.counters();
      if (misses - known > FEW_MISSES)
        throw new Error(
          `Subgraphs executed ${misses - known} requests that were never sent before: what was measured is theirs too.`,
        );
      known = misses;
    },
  };
};

/** @returns whose fields stand in another order than the first one's. */
const requireSame = (answers: ReadonlyMap<string, string>, query: string): readonly string[] => {
  const agreement = compareAnswers(answers);
  if (agreement.kind === "same") return agreement.otherOrder;
  throw new Error(
    `${agreement.gateways.join(" and ")} answer ${query} differently, at ${agreement.where}. Nothing was measured.`,
  );
};
