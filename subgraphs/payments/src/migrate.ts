import { ConfigError, describeStartFailure, envPostgresUrl, parseConfig } from "@supergraph/service";
import { z } from "zod";
import { migratePayments } from "./server.ts";

try {
  const env = parseConfig(z.object({ PAYMENTS_DATABASE_URL: envPostgresUrl("payments") }), process.env);
  await migratePayments(env.PAYMENTS_DATABASE_URL);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : describeStartFailure(error)}\n`);
  process.exitCode = 1;
}
