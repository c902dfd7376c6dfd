import { envPostgresUrl, parseConfig, runTask } from "@supergraph/service";
import { z } from "zod";
import { migrateUsers } from "./server.ts";

await runTask(async () => {
  const env = parseConfig(z.object({ USERS_DATABASE_URL: envPostgresUrl("users") }), process.env);
  await migrateUsers(env.USERS_DATABASE_URL);
});
