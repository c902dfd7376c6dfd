import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { startLoad } from "./load.ts";
import { type Shop, seconds, type Trial, timed } from "./shop.ts";

const SERVICES = ["sandbox-provider", "users", "products", "orders", "payments", "router"];
const CUSTOMERS = 6;

const run = promisify(execFile);

/** Makes anew the containers of `services`, all unless any are named, one after the other. */
export const rollOut = async (shop: Shop, services: readonly string[]): Promise<void> => {
  const named = services.length > 0 ? ["--", ...services] : [];
  await run("deploy/compose/rollout", [...shop.options, ...named], { env: { ...process.env, ...shop.environment } });
};

/** Rolls out service after service, `services` or each, while customers buy. With two of each, no request is to fail. */
export const rollout =
  (services: readonly string[]): Trial =>
  async (shop) => {
    const hasTwo = (await shop.containers()).some(({ service }) => service === "router-2");
    const load = await startLoad(shop.url, CUSTOMERS);
    const rolled = [];
    for (const service of services.length > 0 ? services : SERVICES) {
      await pause(1_000);
      load.takeCounts();
      const ms = await timed(() => rollOut(shop, [service]));
      await pause(1_000);
      const { requests, failed, reasons } = load.takeCounts();
      rolled.push({ service, ms, requests, failed, reasons });
      const told = `${service} rolled out in ${seconds(ms)}: ${failed} of ${requests} requests failed`;
      if (hasTwo) shop.expect(failed === 0, told);
      else shop.say(`  ${told}, and were repeated`);
      for (const reason of reasons) shop.say(`    ${reason}`);
    }
    await load.stop();
    await shop.expectEnded(load, "came to their end");
    return { rolled, orders: load.orders().length };
  };
