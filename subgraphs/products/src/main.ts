import { connectNats } from "@supergraph/messaging";
import { createLogger, envNatsUrl, parseConfig, runMain } from "@supergraph/service";
import { z } from "zod";
import { parseProductsConfig, startProductsSubgraph } from "./server.ts";

await runMain(async () => {
  const config = parseProductsConfig(process.env);
  const { NATS_URL } = parseConfig(z.object({ NATS_URL: envNatsUrl() }), process.env);
  const log = createLogger({ service: "products", level: config.logLevel });
  const bus = await connectNats({ servers: NATS_URL, name: "products", log });
  const subgraph = await startProductsSubgraph(config, { bus, log });
  log.info({ url: subgraph.url }, "products answers the router");
  return {
    log,
    stop: async () => {
      await subgraph.stop();
      await bus.stop();
    },
  };
});
