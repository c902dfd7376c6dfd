import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { disturb } from "./disturbance.ts";
import { startLoad } from "./load.ts";
import type { Shop, Trial } from "./shop.ts";

const SERVICES = ["sandbox-provider", "users", "products", "orders", "payments", "router"];
const CUSTOMERS = 6;

const run = promisify(execFile);

/** Makes anew the containers of `services`, all unless any are named, one after the other. */
export const rollOut = async (
  shop: Shop,
  services: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const named = services.length > 0 ? ["--", ...services] : [];
  await run("deploy/compose/rollout", [...shop.options, ...named], {
    env: { ...process.env, ...shop.environment, ...environment },
  });
};

/** Rolls out service after service, those of `names` or all, while customers buy. */
export const rollout =
  (names: readonly string[]): Trial =>
  async (shop) => {
    const load = await startLoad(shop.url, CUSTOMERS);
    const rolled = [];
    for (const service of SERVICES.filter((name) => names.length === 0 || names.includes(name)))
      rolled.push(await disturb(shop, load, `${service} rolled out`, () => rollOut(shop, [service])));
    await load.stop();
    await shop.expectEnded(load, "came to their end");
    return { rolled, orders: load.orders().length };
  };
