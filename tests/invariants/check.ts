import { z } from "zod";
import { type Queries, read, SUBGRAPHS } from "./databases.ts";
import { violationsOfGoods } from "./goods-rules.ts";
import type { JournalReader } from "./journal.ts";
import { type MessageWatch, watchMessages } from "./messages.ts";
import { violationsOfOrders, violationsOfProvider } from "./order-rules.ts";
import { type Baseline, type ToldToClients, unless, type Violation } from "./rules.ts";
import { type Order, readGoods, readOrderIds, readOrdersStates } from "./shop-state.ts";

export interface Sources {
  readonly databases: Queries;
  readonly journal: JournalReader;
  /** What was sent while nobody checked; the outboxes as they are now unless given. */
  readonly messages?: MessageWatch;
}

export interface Findings {
  readonly violations: readonly Violation[];
  /** Orders that were not there at the baseline, by status. */
  readonly byStatus: ReadonlyMap<string, number>;
  /** Orders that were acknowledged to a client and are not there. */
  readonly lost: number;
}

export interface CheckOptions {
  readonly baseline: Baseline;
  readonly told?: ToldToClients;
  /** How many orders are in memory at once, about. 20,000 unless given. */
  readonly sliceSize?: number;
}

const NOTHING_TOLD: ToldToClients = { acknowledged: [], refusedKeys: [], cancelledOrderIds: [] };

export const takeBaseline = async (databases: Queries): Promise<Baseline> => {
  const { stock } = await readGoods(databases);
  return {
    originOfVariants: new Map(stock.map(({ variantId, origin }) => [variantId, origin])),
    orderIds: new Set(await readOrderIds(databases)),
  };
};

/**
 * What a shop that is quiet owes to its customers and is not so. Reads four databases and the provider's journal, and
 * asks no service. While anything is under way its findings mean nothing.
 */
export const checkInvariants = async (
  { databases, journal, messages = watchMessages(databases) }: Sources,
  { baseline, told = NOTHING_TOLD, sliceSize = 20_000 }: CheckOptions,
): Promise<Findings> => {
  await journal.readOn();
  const clients = createClientRules(told);
  const violations: Violation[] = violationsOfGoods(await readGoods(databases), baseline);
  const statuses = new Map<string, string>();
  const providerPaymentIds = new Set<string>();
  const byStatus = new Map<string, number>();
  for await (const state of readOrdersStates(databases, journal, sliceSize)) {
    for (const violation of violationsOfOrders(state, baseline)) violations.push(violation);
    for (const order of state.orders) {
      const { id, status } = order;
      statuses.set(id, status);
      if (!baseline.orderIds.has(id)) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      for (const violation of clients.violationsOf(order)) violations.push(violation);
    }
    for (const { providerPaymentId } of state.payments)
      if (providerPaymentId !== null) providerPaymentIds.add(providerPaymentId);
  }
  const ofClients = clients.violationsOfMissing(statuses);
  const rest = [
    ...violationsOfProvider(journal.payments(), { statuses, providerPaymentIds }),
    ...ofClients.violations,
    ...(await violationsOfKeys(databases)),
    ...(await violationsOfMessages(databases, messages)),
  ];
  return { violations: [...violations, ...rest], byStatus, lost: ofClients.lost };
};

const createClientRules = ({ acknowledged, refusedKeys, cancelledOrderIds }: ToldToClients) => {
  const cancelled = new Set(cancelledOrderIds);
  const orderOfKey = new Map(acknowledged.map(({ idempotencyKey, orderId }) => [idempotencyKey, orderId]));
  const refused = new Set(refusedKeys);
  /** Keys that placed what they were answered with; the rest was not kept. */
  const kept = new Set<string>();
  return {
    violationsOf: ({ id, status, placedBy }: Order): Violation[] => [
      ...unless(
        status === "CANCELLED" || !cancelled.has(id),
        "a cancellation that was accepted is carried out",
        () => `${id} is ${status}`,
      ),
      ...placedBy.flatMap((key) => {
        const answered = orderOfKey.get(key) ?? id;
        if (orderOfKey.has(key) && answered === id) kept.add(key);
        return [
          ...unless(!refused.has(key), "what was refused to a client was not done", () => `${key} placed ${id}`),
          ...unless(
            answered === id,
            "one order per idempotency key",
            () => `${key} was answered with ${answered}, and placed ${id}`,
          ),
        ];
      }),
    ],
    violationsOfMissing(orders: ReadonlyMap<string, unknown>): { violations: Violation[]; lost: number } {
      const lost = acknowledged.filter(({ orderId }) => !orders.has(orderId));
      const forgotten = acknowledged.filter(({ idempotencyKey }) => !kept.has(idempotencyKey));
      return {
        lost: lost.length,
        violations: [
          ...lost.map(
            ({ orderId }): Violation => ({
              rule: "what was acknowledged to a client exists",
              evidence: `${orderId} is gone`,
            }),
          ),
          ...forgotten.map(
            ({ idempotencyKey, orderId }): Violation => ({
              rule: "one order per idempotency key",
              evidence: `${idempotencyKey} was answered with ${orderId}, which it did not place`,
            }),
          ),
        ],
      };
    },
  };
};

const violationsOfKeys = async ({ orders }: Queries): Promise<Violation[]> => {
  const rows = await read(
    orders,
    z.object({ key: z.string(), times: z.int() }),
    "select key, count(*)::int as times from idempotency_keys group by user_id, key having count(*) > 1",
  );
  return rows.map(({ key, times }) => ({
    rule: "one order per idempotency key",
    evidence: `${key} is on record ${times} times`,
  }));
};

const violationsOfMessages = async (databases: Queries, messages: MessageWatch): Promise<Violation[]> => {
  const unpublished = await Promise.all(
    SUBGRAPHS.map((name) =>
      read(
        databases[name],
        z.object({ messageId: z.string(), subject: z.string() }),
        `select message_id as "messageId", subject from outbox where published_at is null`,
      ),
    ),
  );
  const unhandled = await messages.findUnhandled();
  return [
    ...unpublished.flat().map(
      ({ messageId, subject }): Violation => ({
        rule: "every outbox row is published",
        evidence: `${messageId} under ${subject}`,
      }),
    ),
    ...unhandled.map(
      ({ messageId, subject, by }): Violation => ({
        rule: "every event's effect is applied",
        evidence: `${messageId} under ${subject} was not handled by ${by}`,
      }),
    ),
    ...(await messages.findRepeated()).map(
      ({ causationId, subject, key, times, by }): Violation => ({
        rule: "no event's effect is applied twice",
        evidence: `${by} sent ${subject} about ${key} ${times} times because of ${causationId}`,
      }),
    ),
  ];
};
