import { envPostgresUrl, parseConfig, runTask } from "@supergraph/service";
import { z } from "zod";
import { migrateProducts } from "./server.ts";

await runTask(async () => {
  const env = parseConfig(z.object({ PRODUCTS_DATABASE_URL: envPostgresUrl("products") }), process.env);
  await migrateProducts(env.PRODUCTS_DATABASE_URL);
});
