import { createLogger, runMain } from "@supergraph/service";
import { parseSandboxProviderConfig, startSandboxProvider } from "./server.ts";

await runMain(async () => {
  const config = parseSandboxProviderConfig(process.env);
  const log = createLogger({ service: "sandbox-provider", level: config.logLevel });
  const provider = await startSandboxProvider(config, { log });
  return { ...provider, log };
});
