import { envPostgresUrl, parseConfig, runTask } from "@supergraph/service";
import { z } from "zod";
import { migratePayments } from "./server.ts";

await runTask(async () => {
  const env = parseConfig(z.object({ PAYMENTS_DATABASE_URL: envPostgresUrl("payments") }), process.env);
  await migratePayments(env.PAYMENTS_DATABASE_URL);
});
