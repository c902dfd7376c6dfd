import { setTimeout as pause } from "node:timers/promises";
import type { Link, Row, System } from "../model.ts";
import { happened, happens } from "./evidence.ts";

/** Enough for a pair that speaks rarely. */
const SPEAKS_WITHIN_MS = 10_000;
const BLACK_HOLES = 2;

/** Connections stay, and nothing arrives: as when a switch dies. */
export const blackHoles: Row = {
  name: "black-holed links",
  shortSeconds: 8,
  async run({ system, random, seconds, say }) {
    for (const link of random.shuffle(system.links()).slice(0, BLACK_HOLES)) {
      link.proxy.blackHole();
      const stop = speakOn(system, link);
      await happens(() => link.proxy.counts().heldBytes > 0, `nothing was held ${described(link)}`, SPEAKS_WITHIN_MS);
      await pause((seconds * 1_000) / BLACK_HOLES);
      stop();
      say(`${link.proxy.counts().heldBytes} bytes were held ${described(link)}`);
      link.proxy.heal();
    }
  },
};

/** The server's side of connections is gone, and nobody says so; then slowness everywhere, then resets everywhere. */
export const brokenConnections: Row = {
  name: "half-open connections, latency, resets",
  shortSeconds: 6,
  async run({ system, random, seconds, say }) {
    const part = (seconds * 1_000) / 3;
    const link = random.pick(system.links());
    link.proxy.halfOpen();
    const stop = speakOn(system, link);
    await happens(() => link.proxy.counts().lostBytes > 0, `nothing was lost ${described(link)}`, SPEAKS_WITHIN_MS);
    await pause(part);
    stop();
    link.proxy.heal();
    say(`${link.proxy.counts().lostBytes} bytes were lost ${described(link)}`);

    for (const { proxy } of system.links()) proxy.latency(random.integer(5, 60));
    await pause(part);
    for (const { proxy } of system.links()) proxy.heal();

    const resets = () => system.links().reduce((sum, { proxy }) => sum + proxy.counts().resets, 0);
    const before = resets();
    const until = performance.now() + part;
    while (performance.now() < until) {
      random.pick(system.links()).proxy.reset();
      await pause(random.integer(50, 400));
    }
    happened(resets() > before, "no connection was reset");
    say(`${resets() - before} connections were reset`);
  },
};

const described = ({ from, to }: Link): string => `between ${from} and ${to}`;

const LOGIN = `mutation Login($input: LoginInput!) { login(input: $input) { userErrors { code } } }`;
const EVERY_MS = 300;

/** Between the router and users nothing is said while everybody is signed in: signs in, until the returned function is called. */
const speakOn = (system: System, { from, to }: Link): (() => void) => {
  if (from !== "router" || to === "orders") return () => undefined;
  const [customer] = system.shop.customers;
  if (!customer) return () => undefined;
  const { email, password } = customer;
  const ask = () =>
    fetch(system.endpoint, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(QUESTIONS[to] ?? { query: LOGIN, variables: { input: { email, password } } }),
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined);
  const timer = setInterval(() => void ask(), EVERY_MS);
  return () => clearInterval(timer);
};

/** What the router asks each of, without a customer. */
const QUESTIONS: Readonly<Partial<Record<Link["to"], { readonly query: string }>>> = {
  products: { query: "{ products(first: 1) { edges { node { title } } } }" },
  payments: { query: '{ payment(orderId: "ord_00000000000000000000000000") { status } }' },
};
