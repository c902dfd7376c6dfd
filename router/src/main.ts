import { createLogger, runMain } from "@supergraph/service";
import { parseRouterConfig, startRouter } from "./server.ts";

await runMain(async () => {
  const config = parseRouterConfig(process.env);
  const log = createLogger({ service: "router", level: config.logLevel });
  const router = await startRouter(config, { log });
  return { log, stop: () => router.stop() };
});
