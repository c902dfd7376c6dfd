import { envPostgresUrl, parseConfig, runTask } from "@supergraph/service";
import { z } from "zod";
import { migrate{{Name}} } from "./server.ts";

await runTask(async () => {
  const env = parseConfig(z.object({ {{NAME}}_DATABASE_URL: envPostgresUrl("{{name}}") }), process.env);
  await migrate{{Name}}(env.{{NAME}}_DATABASE_URL);
});
