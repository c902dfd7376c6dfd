import { PRODUCERS } from "@supergraph/contracts";
import { connectNats } from "@supergraph/messaging";
import { createLogger, runMain, startTracing, startWithCleanup } from "@supergraph/service";
import { parseProductsConfig, startProductsSubgraph } from "./server.ts";

await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const config = parseProductsConfig(process.env);
    const log = createLogger({ service: "products", level: config.logLevel });
    const tracing = await startTracing({ service: "products", env: process.env, log });
    cleanup.add(() => tracing.stop());
    const bus = await connectNats({ ...config.nats, producers: PRODUCERS, name: "products", log });
    cleanup.add(() => bus.stop());
    const subgraph = await startProductsSubgraph(config, { bus, log });
    cleanup.add(() => subgraph.stop());
    log.info({ url: subgraph.url }, "products answers the router");
    return { log };
  }),
);
