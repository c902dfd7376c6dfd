import { PRODUCERS } from "@supergraph/contracts";
import { connectNats } from "@supergraph/messaging";
import { createLogger, runMain, startTracing, startWithCleanup } from "@supergraph/service";
import { parseUsersConfig, startUsersSubgraph } from "./server.ts";

await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const config = parseUsersConfig(process.env);
    const log = createLogger({ service: "users", level: config.logLevel });
    const tracing = await startTracing({ service: "users", env: process.env, log });
    cleanup.add(() => tracing.stop());
    const bus = await connectNats({ ...config.nats, producers: PRODUCERS, name: "users", log });
    cleanup.add(() => bus.stop());
    const subgraph = await startUsersSubgraph(config, { bus, log });
    cleanup.add(() => subgraph.stop());
    log.info({ url: subgraph.url }, "users answers the router");
    return { log };
  }),
);
