import { connectNats } from "@supergraph/messaging";
import { createLogger, envNatsUrl, parseConfig, runMain } from "@supergraph/service";
import { z } from "zod";
import { parseOrdersConfig, startOrdersSubgraph } from "./server.ts";

await runMain(async () => {
  const config = parseOrdersConfig(process.env);
  const { NATS_URL } = parseConfig(z.object({ NATS_URL: envNatsUrl() }), process.env);
  const log = createLogger({ service: "orders", level: config.logLevel });
  const bus = await connectNats({ servers: NATS_URL, name: "orders", log });
  const subgraph = await startOrdersSubgraph(config, { bus, log });
  log.info({ url: subgraph.url }, "orders answers the router");
  return {
    log,
    stop: async () => {
      await subgraph.stop();
      await bus.stop();
    },
  };
});
