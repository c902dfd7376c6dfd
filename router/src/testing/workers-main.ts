import cluster from "node:cluster";
import { readFileSync } from "node:fs";
import {
  ConfigError,
  createLogger,
  createLogLevelSwitch,
  createMetrics,
  json,
  runMain,
  shareLogLevel,
  shareMetrics,
  startHttpServer,
  startWithCleanup,
} from "@supergraph/service";
import { runWorkers, type WorkersOptions } from "../workers.ts";

/** How workers start from now on; a file has one of them. */
export type Behaviour = "works" | "refuses to start" | "hangs at its start";

/** The first argument has options of the workers as JSON, the second the path of a file with a {@link Behaviour}. */
const [options = "{}", behaviour = ""] = process.argv.slice(2);
const log = createLogger({ service: cluster.isPrimary ? "primary" : `${process.pid}`, level: "info" });

const startWorker = () =>
  startWithCleanup(async (cleanup) => {
    log.info("starts");
    const how = readFileSync(behaviour, "utf8") as Behaviour;
    if (how === "refuses to start") throw new ConfigError("ROUTER_PORT is not set: expected a port. Example: 4000");
    if (how === "hangs at its start") await new Promise((resolve) => setInterval(resolve, 2 ** 30));

    let asked = 0;
    const metrics = createMetrics({
      log,
      rememberMs: 0,
      sources: [
        {
          name: "test",
          metrics: [
            { kind: "counter", name: "test_asked_total", help: "Requests." },
            { kind: "gauge", name: "test_open", help: "1 in each." },
            { kind: "gauge", name: "test_pid", help: "Of which a sum says nothing.", ofEachWorker: true },
          ],
          read: () => [
            { metric: "test_asked_total", value: asked },
            { metric: "test_open", value: 1 },
            { metric: "test_pid", value: process.pid },
          ],
        },
      ],
    });
    shareMetrics(metrics);
    shareLogLevel(createLogLevelSwitch({ loggers: [log] }));
    process.on("SIGHUP", () => log.info("hung up"));

    let release: () => void = () => undefined;
    const stopping = new Promise<void>((resolve) => {
      release = resolve;
    });
    let hangs = false;
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      maxBodyBytes: 1_024,
      idleGraceMs: 3_000,
      log,
      routes: [
        {
          method: "GET",
          path: "/pid",
          async handle() {
            asked++;
            log.debug("asked");
            return json(200, process.pid);
          },
        },
        {
          // Answered once this worker stops.
          method: "GET",
          path: "/slow",
          async handle() {
            log.info("holds a request");
            await stopping;
            return json(200, process.pid);
          },
        },
        {
          method: "GET",
          path: "/hang",
          async handle() {
            hangs = true;
            return json(200, process.pid);
          },
        },
      ],
    });
    cleanup.add(() => server.stop());
    cleanup.add(async () => {
      if (hangs) await new Promise(() => undefined);
      release();
    });
    log.info({ port: server.port }, "listens");
    return { log };
  });

await (cluster.isPrimary
  ? runWorkers({ ...(JSON.parse(options) as Omit<WorkersOptions, "log">), log })
  : runMain(startWorker));
