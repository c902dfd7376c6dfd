import { readdirSync } from "node:fs";
import { type EventContract, orderEvents, paymentEvents, productEvents, userEvents } from "@supergraph/contracts";
import { LIVE_SUBJECT, subscriptions as ordersSubscriptions } from "../../subgraphs/orders/src/events.ts";
import { subscriptions as paymentsSubscriptions } from "../../subgraphs/payments/src/events.ts";
import { subscriptions as productsSubscriptions } from "../../subgraphs/products/src/events.ts";
import type { Reader } from "./catalogue.ts";

/** By subject within a producer: the order of a module's exports is up to whoever loads it. */
export const contracts: readonly EventContract[] = [userEvents, productEvents, orderEvents, paymentEvents].flatMap(
  (events): EventContract[] =>
    Object.values(events).sort((a: EventContract, b: EventContract) => (a.subject < b.subject ? -1 : 1)),
);

/** The tables are read, no handler is called. */
const notCalled = (): never => {
  throw new Error("A handler was called by what only reads the tables of subscriptions.");
};

const TABLES = {
  orders: ordersSubscriptions({ tell: notCalled }),
  payments: paymentsSubscriptions(notCalled),
  products: productsSubscriptions({ decideReservations: notCalled }),
};

/**
 * Who handles what, as the subgraphs' tables say.
 * @throws when a subgraph has a table that is not read here.
 */
export const readers = (): readonly Reader[] => {
  assertAllRead();
  return [
    ...Object.entries(TABLES).flatMap(([service, table]) =>
      table.map(({ subject }) => ({ service, subject, durable: true })),
    ),
    { service: "orders", subject: LIVE_SUBJECT, durable: false },
  ];
};

const assertAllRead = (): void => {
  const folder = new URL("../../subgraphs/", import.meta.url);
  for (const name of readdirSync(folder)) {
    const files = readdirSync(new URL(`${name}/src/`, folder));
    if (files.includes("events.ts") && !(name in TABLES))
      throw new Error(`subgraphs/${name}/src/events.ts is not read: add it to scripts/event-docs/sources.ts.`);
  }
};
