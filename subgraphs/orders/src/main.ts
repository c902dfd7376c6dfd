import { PRODUCERS } from "@supergraph/contracts";
import { connectNats } from "@supergraph/messaging";
import { createLogger, runMain, startTracing, startWithCleanup } from "@supergraph/service";
import { parseOrdersConfig, startOrdersSubgraph } from "./server.ts";

await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const config = parseOrdersConfig(process.env);
    const log = createLogger({ service: "orders", level: config.logLevel });
    const tracing = await startTracing({ service: "orders", env: process.env, log });
    cleanup.add(() => tracing.stop());
    const bus = await connectNats({ ...config.nats, producers: PRODUCERS, name: "orders", log });
    cleanup.add(() => bus.stop());
    const subgraph = await startOrdersSubgraph(config, { bus, log });
    cleanup.add(() => subgraph.stop());
    log.info({ url: subgraph.url }, "orders answers the router");
    return { log };
  }),
);
