import { setTimeout as pause } from "node:timers/promises";
import { startLoad } from "./load.ts";
import { CUSTOMERS, HEALTHY_WITHIN_MS, seconds, type Trial } from "./shop.ts";

const KILLED = ["router", "users", "products", "orders", "payments", "sandbox-provider", "nats", "postgres"];

/** Kills container after container, `services` or one of each kind, while customers buy. */
export const kills =
  (services: readonly string[]): Trial =>
  async (shop) => {
    const load = await startLoad(shop.url, CUSTOMERS);
    const killed = [];
    for (const service of services.length > 0 ? services : KILLED) {
      await pause(2_000);
      load.takeCounts();
      const healthyAfterMs = await shop.kill(service, HEALTHY_WITHIN_MS);
      await pause(1_000);
      const { requests, failed, reasons } = load.takeCounts();
      killed.push({ service, healthyAfterMs, requests, failed, reasons });
      shop.say(
        `  ${service} killed: healthy after ${seconds(healthyAfterMs)}; ${failed} of ${requests} requests failed meanwhile, and were repeated`,
      );
    }
    await shop.untilHealthy(HEALTHY_WITHIN_MS);
    await pause(3_000);
    load.takeCounts();
    await pause(3_000);
    const calm = load.takeCounts();
    shop.expect(calm.failed === 0 && calm.acknowledged > 0, "After that every request is answered again");
    await load.stop();
    await shop.expectEnded(load, "came to their end");
    return { killed, orders: load.orders().length };
  };
