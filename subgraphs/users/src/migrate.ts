import { describeStartFailure, envPostgresUrl, parseConfig } from "@supergraph/service";
import { z } from "zod";
import { migrateUsers } from "./server.ts";

try {
  const env = parseConfig(z.object({ USERS_DATABASE_URL: envPostgresUrl("users") }), process.env);
  await migrateUsers(env.USERS_DATABASE_URL);
} catch (error) {
  process.stderr.write(`${describeStartFailure(error)}\n`);
  process.exitCode = 1;
}
