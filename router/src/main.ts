import "./telemetry-off.ts";
import cluster from "node:cluster";
import {
  createLogger,
  type Logger,
  pagedOutput,
  runMain,
  runTask,
  startTracing,
  startWithCleanup,
} from "@supergraph/service";
import { checkConfiguration } from "./check.ts";
import { parseArguments } from "./config/arguments.ts";
import { type Arguments, readRouterConfig } from "./config/read.ts";
import type { CompleteRouterConfig } from "./config/settings.ts";
import { runWorkers } from "./workers.ts";

const start = async (given: Arguments): Promise<void> => {
  const config = await readRouterConfig(given, process.env);
  const log = createLogger({ service: "router", level: config.log.level });
  const { workers: count, metrics } = config;
  if (cluster.isPrimary && count !== 1) await runWorkers({ count, log, metrics: metrics ?? undefined });
  // The primary tells what all workers have counted.
  else await serve(cluster.isWorker ? { ...config, metrics: null } : config, log);
};

const serve = (config: CompleteRouterConfig, log: Logger): Promise<void> =>
  runMain(() =>
    startWithCleanup(async (cleanup) => {
      const tracing = await startTracing({ service: "router", env: process.env, log });
      cleanup.add(() => tracing.stop());
      // A primary serves nothing, and need not load what does.
      const { startCompleteRouter } = await import("./server.ts");
      const operationLog = createLogger({ service: "router", level: config.log.level, redacts: false }, pagedOutput());
      const router = await startCompleteRouter(config, { log, operationLog });
      cleanup.add(() => router.stop());
      process.on("SIGHUP", () => void router.reload());
      return { log };
    }),
  );

const parsed = parseArguments(process.argv.slice(2));
if (parsed.kind === "done") process.exitCode = parsed.exitCode;
else
  await runTask(() => (parsed.kind === "check" ? checkConfiguration(parsed.given, process.env) : start(parsed.given)));
