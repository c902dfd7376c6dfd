import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Guard } from "@supergraph/failpoints";
import { type AskAsCustomer, checkApi } from "../invariants/api.ts";
import { checkInvariants, takeBaseline } from "../invariants/check.ts";
import { openDatabases } from "../invariants/databases.ts";
import { openJournalReader } from "../invariants/journal.ts";
import { type MessageWatch, watchMessages } from "../invariants/messages.ts";
import type { Violation } from "../invariants/rules.ts";
import { watchBroker } from "./broker-counts.ts";
import { replayBuried } from "./buried.ts";
import { requestBody } from "./graph.ts";
import type { System } from "./model.ts";
import { openOrderLog, readOrderLog } from "./order-log.ts";
import { persist, tryToRead } from "./persistence.ts";
import { readTotals } from "./price-list.ts";
import type { Watched } from "./quiescence.ts";
import { COUNTRY } from "./shopper.ts";
import { startSystem } from "./system.ts";
import { createTallies } from "./tallies.ts";
import { type Clientele, openClientele } from "./traffic.ts";

/** What one system owes and has, as of the last check. */
export interface Account {
  /** Orders that clients sent. */
  readonly sent: number;
  readonly acknowledged: number;
  /** Not placed, as clients were told; none of them may be there. */
  readonly refused: number;
  /** Orders that are there. */
  readonly found: number;
  /** Acknowledged, and not there. */
  readonly lost: number;
  readonly byStatus: ReadonlyMap<string, number>;
  readonly redeliveries: number;
  /** That are there, and that were replayed. */
  readonly deadLetters: number;
  readonly replayed: number;
}

/** A system with its customers, and everything that is needed to check it from outside. */
export interface Stage {
  readonly system: System;
  readonly clientele: Clientele;
  readonly watched: Watched;
  readonly messages: MessageWatch;
  /** Replays dead letters of messages that services sent. Answers how many: afterwards it is not quiet any more. */
  replayBuried(): Promise<number>;
  /** Answers what no earlier check has told. Means something only while the system is quiet. */
  check(options: { readonly ordersViaApi: number }): Promise<readonly Violation[]>;
  account(): Account;
  /** @param keep Whether to leave logs and data on disk. */
  close(keep: boolean): Promise<void>;
}

const NOTHING: Account = {
  sent: 0,
  acknowledged: 0,
  refused: 0,
  found: 0,
  lost: 0,
  byStatus: new Map(),
  redeliveries: 0,
  deadLetters: 0,
  replayed: 0,
};

export const openStage = async (options: {
  readonly off?: Guard;
  readonly say: (text: string) => void;
}): Promise<Stage> => {
  const { off, say } = options;
  const system = await startSystem({ keep: true, say, ...(off ? { faults: { off: [off] } } : {}) });
  try {
    return await dress(system);
  } catch (error) {
    await system.stop();
    throw error;
  }
};

const dress = async (system: System): Promise<Stage> => {
  const databases = openDatabases(system.databaseUrls);
  const broker = await watchBroker(system.brokerUrl);
  const journal = openJournalReader(system.journal);
  const messages = watchMessages(databases.queries);
  const baseline = await takeBaseline(databases.queries);
  const logFile = join(system.directory, "orders.jsonl");
  const log = await openOrderLog(logFile);
  const totalOf = await readTotals(databases.queries.orders, COUNTRY);
  const clientele = openClientele({ endpoint: system.endpoint, shop: system.shop, log, totalOf });
  const ask = askOf(clientele);
  const told = new Set<string>();
  let account = NOTHING;
  /** Of streams that were wiped since. */
  let formerRedeliveries = 0;
  let replayed = 0;

  return {
    system,
    clientele,
    watched: { databases: databases.queries, broker, journal },
    messages,
    async replayBuried() {
      const count = await replayBuried(system.brokerUrl, databases.queries);
      replayed += count;
      return count;
    },
    async check({ ordersViaApi }) {
      const { sentKeys, ...toldToClients } = await readOrderLog(logFile);
      const sources = { databases: databases.queries, journal, messages };
      const findings = await checkInvariants(sources, { baseline, told: toldToClients });
      const customerIds = system.shop.customers.map(({ id }) => id);
      const viaApi = await checkApi(databases.queries, ask, { customerIds, most: ordersViaApi });
      const { redeliveries, deadLetters } = await broker.counts();
      if (formerRedeliveries + redeliveries < account.redeliveries) formerRedeliveries = account.redeliveries;
      account = {
        sent: sentKeys.length,
        acknowledged: toldToClients.acknowledged.length,
        refused: toldToClients.refusedKeys.length,
        found: [...findings.byStatus.values()].reduce((sum, count) => sum + count, 0),
        lost: findings.lost,
        byStatus: findings.byStatus,
        redeliveries: formerRedeliveries + redeliveries,
        deadLetters: deadLetters + replayed,
        replayed,
      };
      return [...findings.violations, ...viaApi.violations].filter(({ rule, evidence }) => {
        const isNew = !told.has(`${rule}: ${evidence}`);
        told.add(`${rule}: ${evidence}`);
        return isNew;
      });
    },
    account: () => account,
    async close(keep) {
      await clientele.close();
      await log.close();
      await broker.close();
      await databases.close();
      await system.stop();
      if (!keep) await rm(system.directory, { recursive: true, force: true });
    },
  };
};

const askOf =
  (clientele: Clientele): AskAsCustomer =>
  async (customerId, query, variables) => {
    const customer = clientele.customer(customerId);
    if (!customer) throw new Error(`There is no customer ${customerId}.`);
    const tallies = createTallies();
    const body = requestBody(query, variables);
    const data = await persist<{ readonly data: unknown }>(`the orders of ${customerId}`, tallies, async () =>
      tryToRead("a page of orders", tallies, await customer.ask(body), (read) => ({
        kind: "done",
        value: { data: read },
      })),
    );
    if (!data) throw new Error(`The API did not answer ${customerId}: ${tallies.failures[0]}`);
    return data.data;
  };
