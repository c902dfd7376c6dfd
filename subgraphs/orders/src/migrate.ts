import { describeStartFailure, envPostgresUrl, parseConfig } from "@supergraph/service";
import { z } from "zod";
import { migrateOrders } from "./server.ts";

try {
  const env = parseConfig(z.object({ ORDERS_DATABASE_URL: envPostgresUrl("orders") }), process.env);
  await migrateOrders(env.ORDERS_DATABASE_URL);
} catch (error) {
  process.stderr.write(`${describeStartFailure(error)}\n`);
  process.exitCode = 1;
}
