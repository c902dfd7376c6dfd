import { envPostgresUrl, parseConfig, runTask } from "@supergraph/service";
import { z } from "zod";
import { migrateOrders } from "./server.ts";

await runTask(async () => {
  const env = parseConfig(z.object({ ORDERS_DATABASE_URL: envPostgresUrl("orders") }), process.env);
  await migrateOrders(env.ORDERS_DATABASE_URL);
});
