import { describeStartFailure, envPostgresUrl, parseConfig } from "@supergraph/service";
import { z } from "zod";
import { migrateProducts } from "./server.ts";

try {
  const env = parseConfig(z.object({ PRODUCTS_DATABASE_URL: envPostgresUrl("products") }), process.env);
  await migrateProducts(env.PRODUCTS_DATABASE_URL);
} catch (error) {
  process.stderr.write(`${describeStartFailure(error)}\n`);
  process.exitCode = 1;
}
