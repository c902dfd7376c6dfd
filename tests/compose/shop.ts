import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { openGraph } from "../smoke/graph.ts";
import { runSmoke } from "../smoke/program.ts";
import type { Deployment } from "./deployment.ts";
import type { Load } from "./load.ts";

/** A deployment with the endpoint that clients have of it, and what is expected of it. */
export interface Shop extends Deployment {
  readonly url: string;
  /** Brings it up on the images that there are. */
  up(): Promise<Start>;
  say(text: string): void;
  expect(holds: boolean, what: string): void;
  /** Expects that something can be bought. */
  expectPurchase(when: string): Promise<void>;
  /** Expects that each of the orders, all that were acknowledged unless given, is there for who placed it, and paid or cancelled. */
  expectEnded(load: Load, what: string, orders?: readonly string[]): Promise<void>;
  /** What was expected and did not hold. */
  readonly failures: readonly string[];
}

export interface Start {
  readonly firstAnswerMs: number;
  readonly healthyMs: number;
}

/** Puts something to the test, and resolves to what was measured. */
export type Trial = (shop: Shop) => Promise<unknown>;

export const CUSTOMERS = 3;
export const HEALTHY_WITHIN_MS = 120_000;
const ENDED_WITHIN_MS = 90_000;
const ENDED = new Set(["PAID", "CANCELLED"]);
const FirstPage = z.object({ products: z.object({ edges: z.array(z.unknown()) }) });

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return Math.round(performance.now() - begun);
};

export const openShop = (deployment: Deployment, url: string): Shop => {
  const failures: string[] = [];
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const expect = (holds: boolean, what: string): void => {
    say(`${holds ? "✔" : "✖"} ${what}`);
    if (!holds) failures.push(what);
  };

  const firstAnswer = async (begun: number): Promise<number> => {
    const graph = openGraph(url, AbortSignal.timeout(HEALTHY_WITHIN_MS));
    for (;;) {
      const answered = await graph
        .ask(FirstPage, "query First { products(first: 1) { edges { node { title } } } }")
        .then(
          () => true,
          () => false,
        );
      const ms = Math.round(performance.now() - begun);
      if (answered) return ms;
      if (ms > HEALTHY_WITHIN_MS) throw new Error(`No query was answered within ${HEALTHY_WITHIN_MS / 1000} s.`);
      await pause(100);
    }
  };

  const open = async (load: Load, orders: readonly string[]): Promise<readonly string[]> => {
    const deadline = performance.now() + ENDED_WITHIN_MS;
    for (;;) {
      const statuses = await Promise.all(orders.map(async (id) => ({ id, status: await load.statusOf(id) })));
      const left = statuses.filter(({ status }) => !ENDED.has(status ?? ""));
      if (left.length === 0 || performance.now() > deadline) return left.map(({ id, status }) => `${id} ${status}`);
      await pause(500);
    }
  };

  return {
    ...deployment,
    url,
    say,
    expect,
    failures,
    async up() {
      const begun = performance.now();
      const [firstAnswerMs] = await Promise.all([
        firstAnswer(begun),
        deployment.compose("up", "--detach", "--no-build", "--quiet-pull"),
      ]);
      await deployment.untilHealthy(HEALTHY_WITHIN_MS);
      return { firstAnswerMs, healthyMs: Math.round(performance.now() - begun) };
    },
    async expectPurchase(when) {
      const told: string[] = [];
      const code = await runSmoke(["--url", url], { out: (text) => told.push(text), err: (text) => told.push(text) });
      expect(code === 0, `Something can be bought ${when}`);
      if (code !== 0) say(told.map((text) => `    ${text}`).join("\n"));
    },
    async expectEnded(load, what, orders = load.orders()) {
      const left = await open(load, orders);
      expect(left.length === 0, `All of ${orders.length} acknowledged orders ${what}`);
      for (const order of left.slice(0, 5)) say(`    ${order}`);
    },
  };
};

export const describeStart = ({ firstAnswerMs, healthyMs }: Start): string =>
  `first query answered after ${seconds(firstAnswerMs)}, all healthy after ${seconds(healthyMs)}`;
