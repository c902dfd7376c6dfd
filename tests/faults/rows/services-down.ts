import { setTimeout as pause } from "node:timers/promises";
import type { Row, World } from "../model.ts";
import { happened, killed } from "./evidence.ts";

/** Of the orders that customers begin, so many are to be taken while another service is away. */
const TAKEN_SHARE = 0.8;

/** Of what is scarce more is ordered meanwhile than there is: it must not be sold. */
export const productsDown: Row = {
  name: "products down while orders are accepted",
  shortSeconds: 6,
  mix: { scarce: 0.3 },
  run: (world) => orderWithout(world, "products"),
};

export const paymentsDown: Row = {
  name: "payments down while orders are accepted",
  shortSeconds: 5,
  run: (world) => orderWithout(world, "payments"),
};

const orderWithout = async ({ system, traffic, seconds, say }: World, name: "products" | "payments"): Promise<void> => {
  const service = system.service(name);
  const { starts } = service;
  killed(service, await service.killAndHold());
  const meanwhile = traffic.measure();
  await pause(seconds * 1_000);
  const { acknowledged, shed, p50Ms, p99Ms } = meanwhile.end();
  happened(service.pid === undefined && service.starts === starts, `${name} ran meanwhile`);
  const expected = traffic.rate * seconds;
  if (acknowledged < TAKEN_SHARE * expected)
    throw new Error(
      `Placing an order needs the orders database alone: without ${name} ${acknowledged} of about ${Math.round(expected)} were taken, and ${shed} shed.`,
    );
  say(
    `${acknowledged} orders taken in ${seconds} s without ${name}: p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`,
  );
  await service.start();
};
