import { setTimeout as pause } from "node:timers/promises";
import { type Row, SERVICES } from "../model.ts";
import { happened, killed } from "./evidence.ts";

/** One after another, each as soon as the last is back. */
export const killedInTurn: Row = {
  name: "kill -9 of each service, in turn",
  shortSeconds: 10,
  async run({ system, random, say }) {
    const order = random.shuffle(SERVICES);
    for (const name of order) {
      const service = system.service(name);
      const { pid } = service;
      killed(service, await service.kill());
      await service.ready();
      happened(service.pid !== pid && service.pid !== undefined, `${name} was not started again`);
    }
    say(`killed ${order.join(", ")}`);
  },
};

const PAUSE_MS = { min: 200, max: 2_500 };

/** Whatever comes, also while others are starting. */
export const killedAtRandom: Row = {
  name: "kill -9 of services, at random",
  shortSeconds: 8,
  async run({ system, random, seconds, say }) {
    const until = performance.now() + seconds * 1_000;
    const kills = new Map<string, number>();
    while (performance.now() < until) {
      const service = system.service(random.pick(SERVICES));
      // It may be between two lives.
      if (service.pid !== undefined) {
        killed(service, await service.kill());
        kills.set(service.name, (kills.get(service.name) ?? 0) + 1);
      }
      await pause(random.integer(PAUSE_MS.min, PAUSE_MS.max));
    }
    happened(kills.size > 1, "fewer than two services were killed");
    say([...kills].map(([name, times]) => `${name} ${times} ×`).join(", "));
  },
};
