import { connectNats } from "@supergraph/messaging";
import { createLogger, envNatsUrl, parseConfig, runMain, startWithCleanup } from "@supergraph/service";
import { z } from "zod";
import { parseUsersConfig, startUsersSubgraph } from "./server.ts";

await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const config = parseUsersConfig(process.env);
    const { NATS_URL } = parseConfig(z.object({ NATS_URL: envNatsUrl() }), process.env);
    const log = createLogger({ service: "users", level: config.logLevel });
    const bus = await connectNats({ servers: NATS_URL, name: "users", log });
    cleanup.add(() => bus.stop());
    const subgraph = await startUsersSubgraph(config, { bus, log });
    cleanup.add(() => subgraph.stop());
    log.info({ url: subgraph.url }, "users answers the router");
    return { log };
  }),
);
