import { createLogger, runMain, startTracing, startWithCleanup } from "@supergraph/service";
import { parse{{Name}}Config, start{{Name}}Subgraph } from "./server.ts";

await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const config = parse{{Name}}Config(process.env);
    const log = createLogger({ service: "{{name}}", level: config.logLevel });
    const tracing = await startTracing({ service: "{{name}}", env: process.env, log });
    cleanup.add(() => tracing.stop());
    const subgraph = await start{{Name}}Subgraph(config, { log });
    cleanup.add(() => subgraph.stop());
    log.info({ url: subgraph.url }, "{{name}} answers the router");
    return { log };
  }),
);
