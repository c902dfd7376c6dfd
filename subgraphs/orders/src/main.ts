import { PRODUCERS } from "@supergraph/contracts";
import { connectNats } from "@supergraph/messaging";
import { createLogger, runMain, startWithCleanup } from "@supergraph/service";
import { parseOrdersConfig, startOrdersSubgraph } from "./server.ts";

await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const config = parseOrdersConfig(process.env);
    const log = createLogger({ service: "orders", level: config.logLevel });
    const bus = await connectNats({ ...config.nats, producers: PRODUCERS, name: "orders", log });
    cleanup.add(() => bus.stop());
    const subgraph = await startOrdersSubgraph(config, { bus, log });
    cleanup.add(() => subgraph.stop());
    log.info({ url: subgraph.url }, "orders answers the router");
    return { log };
  }),
);
