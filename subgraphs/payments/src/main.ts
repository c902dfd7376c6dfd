import { PRODUCERS } from "@supergraph/contracts";
import { connectNats } from "@supergraph/messaging";
import { createLogger, runMain, startTracing, startWithCleanup } from "@supergraph/service";
import { parsePaymentsConfig, startPaymentsSubgraph } from "./server.ts";

await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const config = parsePaymentsConfig(process.env);
    const log = createLogger({ service: "payments", level: config.logLevel });
    const tracing = await startTracing({ service: "payments", env: process.env, log });
    cleanup.add(() => tracing.stop());
    const bus = await connectNats({ ...config.nats, producers: PRODUCERS, name: "payments", log });
    cleanup.add(() => bus.stop());
    const subgraph = await startPaymentsSubgraph(config, { bus, log });
    cleanup.add(() => subgraph.stop());
    log.info({ url: subgraph.url }, "payments answers the router");
    return { log };
  }),
);
