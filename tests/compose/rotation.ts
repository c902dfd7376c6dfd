import { setTimeout as pause } from "node:timers/promises";
import { disturb } from "./disturbance.ts";
import { startLoad } from "./load.ts";
import { rollOut } from "./rollout.ts";
import { CUSTOMERS, type Shop, type Trial } from "./shop.ts";

const SUBGRAPHS = ["users", "products", "orders", "payments"];
/** As long as a signature of the router may be under way. */
const SIGNATURES_END_MS = 35_000;

const keys = (shop: Shop, step: string, of: string): Promise<string> =>
  shop.compose("run", "--rm", "--no-deps", "-T", "keys", "keys.mjs", step, of);

/** Gives the database's role the password that is kept for it. */
const ALTER = `echo "alter role :name password :'password'" |
  psql --quiet --username postgres --set ON_ERROR_STOP=1 --set name="$0" --set password="$(cat "/run/secrets/postgres/$0")"`;

/** As docs/operations.md tells it. */
const ROTATIONS: Readonly<Record<string, (shop: Shop) => Promise<void>>> = {
  async router(shop) {
    await keys(shop, "add", "router");
    await rollOut(shop, SUBGRAPHS);
    await keys(shop, "use", "router");
    await rollOut(shop, ["router"]);
    await pause(SIGNATURES_END_MS);
    await keys(shop, "retire", "router");
    await rollOut(shop, SUBGRAPHS);
  },
  async "access-tokens"(shop) {
    await keys(shop, "add", "access-tokens");
    await rollOut(shop, ["users"]);
    await keys(shop, "use", "access-tokens");
    await rollOut(shop, ["users"]);
  },
  async database(shop) {
    await keys(shop, "change", "orders");
    await shop.compose("exec", "-T", "postgres", "sh", "-c", ALTER, "orders");
    await rollOut(shop, ["orders"]);
  },
  async broker(shop) {
    await keys(shop, "change", "broker");
    await shop.compose("kill", "-s", "SIGHUP", "nats");
    await rollOut(shop, SUBGRAPHS);
  },
};

/** Exchanges keys and passwords, those of `names` or all, while customers buy. */
export const rotation =
  (names: readonly string[]): Trial =>
  async (shop) => {
    const load = await startLoad(shop.url, CUSTOMERS);
    const rotated = [];
    for (const [name, rotate] of Object.entries(ROTATIONS))
      if (names.length === 0 || names.includes(name))
        rotated.push(await disturb(shop, load, `keys or passwords of ${name} exchanged`, () => rotate(shop)));
    await load.stop();
    await shop.expectEnded(load, "came to their end");
    return { rotated, orders: load.orders().length };
  };
