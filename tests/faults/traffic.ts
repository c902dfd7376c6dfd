import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { cancel, confirm, readOrders, refund } from "./after-buying.ts";
import { emptyCart } from "./cart.ts";
import { createCustomer, createSignInQueue } from "./customer.ts";
import { openGraph } from "./graph.ts";
import type { Mix, Shop, Traffic } from "./model.ts";
import type { OrderLog } from "./order-log.ts";
import type { TotalOf } from "./price-list.ts";
import { DEFAULT_MIX, drawPlan, type Plan } from "./purchases.ts";
import type { Random } from "./random.ts";
import { createShopper, type Shopper } from "./shopper.ts";
import { createTallies, percentile, since, type Tallies, toStats } from "./tallies.ts";

/** Everybody who may buy in one system, with the sessions that they keep from one traffic to the next. */
export interface Clientele {
  /** Begins to send orders at `rate` a second. One traffic at a time. */
  send(options: { rate: number; random: Random; mix?: Partial<Mix> }): RunningTraffic;
  /** Signs in so many customers; others do when they are needed. */
  signIn(count: number): Promise<void>;
  /** Signs in as this customer, or uses the session that there is. */
  customer(id: string): Shopper["customer"] | undefined;
  close(): Promise<void>;
}

export interface RunningTraffic extends Traffic {
  readonly tallies: Readonly<Tallies>;
}

const TICK_MS = 10;
/** So many seconds' worth of orders are open at once at the most: who comes then goes away again. */
const OPEN_SECONDS = 10;
const LEAST_OPEN = 50;

export const openClientele = ({
  endpoint,
  shop,
  log,
  totalOf,
}: {
  endpoint: string;
  shop: Shop;
  log: OrderLog;
  totalOf: TotalOf;
}): Clientele => {
  const graph = openGraph(endpoint);
  const queue = createSignInQueue();
  let tallies = createTallies();
  const shoppers = shop.customers.map((account) =>
    createShopper(createCustomer(account, graph, queue), { log, totalOf, tallies: () => tallies }),
  );
  const support = createCustomer(shop.support, graph, queue);
  const byId = new Map(shoppers.map(({ customer }) => [customer.account.id, customer]));
  /** The last is the next: those who are signed in come first, so that no more sign in than are needed at once. */
  const free = [...shoppers].reverse();
  let sent = 0;

  const afterwards = async (shopper: Shopper, orderId: string, plan: Plan): Promise<void> => {
    const { customer } = shopper;
    const counted = tallies;
    if (plan.looksAtOrders) await readOrders(customer, orderId, counted);
    if (plan.purchase.paymentMethodToken === "tok_action_required" && plan.confirms)
      await confirm(customer, orderId, counted);
    if (plan.cancelAfterMs !== null) {
      await delay(plan.cancelAfterMs);
      await cancel(customer, orderId, { log, tallies: counted });
    } else if (plan.isRefunded) await refund(support, orderId, counted);
  };

  return {
    send({ rate: firstRate, random, mix: firstMix = {} }) {
      tallies = createTallies();
      const counted = tallies;
      let rate = firstRate;
      let mix: Mix = { ...DEFAULT_MIX, ...firstMix };
      let leaving = createDoor();
      const running = new Set<Promise<void>>();

      const track = (task: Promise<void>): void => {
        const tracked = task
          .catch((error: unknown) => {
            counted.failures.push(`the client itself failed: ${error instanceof Error ? error.stack : String(error)}`);
          })
          .finally(() => running.delete(tracked));
        running.add(tracked);
      };

      const begin = (): void => {
        sent += 1;
        const plan = drawPlan(random, shop, mix, `order-${sent}`);
        const isCrowded = shoppers.length - free.length >= Math.max(LEAST_OPEN, rate * OPEN_SECONDS);
        const shopper = isCrowded ? undefined : free.pop();
        if (!shopper) {
          counted.turnedAway += 1;
          return;
        }
        counted.begun += 1;
        const buying = shopper.buy(plan.purchase, leaving.signal).finally(() => free.push(shopper));
        track(
          buying.then((orderId) => {
            if (orderId !== null) track(afterwards(shopper, orderId, plan));
          }),
        );
      };

      let due = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        const now = performance.now();
        // What a busy moment kept from being begun is begun late, not all at once: half a second's worth at the most.
        due = Math.min(due + ((now - last) / 1_000) * rate, Math.max(1, rate / 2));
        last = now;
        for (; due >= 1; due -= 1) begin();
      }, TICK_MS);

      return {
        tallies: counted,
        stats: () => toStats(counted),
        measure() {
          const before = toStats(counted);
          return {
            end() {
              const stats = since(toStats(counted), before);
              const { latenciesMs } = stats;
              return { ...stats, p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99) };
            },
          };
        },
        get rate() {
          return rate;
        },
        setRate(perSecond) {
          rate = perSecond;
        },
        setMix(changed) {
          mix = { ...DEFAULT_MIX, ...changed };
        },
        sendRefusedAway() {
          leaving.abort();
          leaving = createDoor();
        },
        async stop() {
          clearInterval(timer);
          while (running.size > 0) await Promise.all(running);
        },
      };
    },
    async signIn(count) {
      await Promise.all(free.slice(-count).map(({ customer }) => emptyCart(customer, tallies)));
    },
    customer: (id) => byId.get(id),
    close: () => graph.close(),
  };
};

/** Every customer who pauses listens to it. */
const createDoor = (): AbortController => {
  const door = new AbortController();
  setMaxListeners(0, door.signal);
  return door;
};
