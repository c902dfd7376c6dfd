import { connectNats } from "@supergraph/messaging";
import { createLogger, runMain, startWithCleanup } from "@supergraph/service";
import { parseNatsUrl } from "./config.ts";
import { parsePaymentsConfig, startPaymentsSubgraph } from "./server.ts";

await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const config = parsePaymentsConfig(process.env);
    const log = createLogger({ service: "payments", level: config.logLevel });
    const bus = await connectNats({ servers: parseNatsUrl(process.env), log });
    cleanup.add(() => bus.stop());
    const subgraph = await startPaymentsSubgraph(config, { bus, log });
    cleanup.add(() => subgraph.stop());
    return { log };
  }),
);
