import "./telemetry-off.ts";
import { createLogger, runMain, startTracing, startWithCleanup } from "@supergraph/service";
import { checkConfiguration } from "./check.ts";
import { parseArguments } from "./config/arguments.ts";
import { readRouterConfig } from "./config/read.ts";
import { startCompleteRouter } from "./server.ts";

const parsed = parseArguments(process.argv.slice(2));
if (parsed.kind === "done") process.exitCode = parsed.exitCode;
else if (parsed.kind === "check") await checkConfiguration(parsed.given, process.env);
else
  await runMain(() =>
    startWithCleanup(async (cleanup) => {
      const config = await readRouterConfig(parsed.given, process.env);
      const log = createLogger({ service: "router", level: config.log.level });
      const tracing = await startTracing({ service: "router", env: process.env, log });
      cleanup.add(() => tracing.stop());
      const router = await startCompleteRouter(config, { log });
      cleanup.add(() => router.stop());
      process.on("SIGHUP", () => void router.reload());
      return { log };
    }),
  );
