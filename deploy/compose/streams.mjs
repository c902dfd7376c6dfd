/**
 * Makes the streams of all services, or gives them the settings of the environment, as somebody who may: a service may
 * change its own stream and no other. Runs in the image of a subgraph.
 */
import { PRODUCERS } from "@supergraph/contracts";
import { connectNats } from "@supergraph/messaging";
import { createLogger, natsConfig, natsVariables, parseConfig, runTask } from "@supergraph/service";
import { z } from "zod";

await runTask(async () => {
  const settings = natsConfig(parseConfig(z.object(natsVariables), process.env));
  const log = createLogger({ service: "streams", level: "info" });
  const bus = await connectNats({ ...settings, producers: PRODUCERS, name: "operator", log, connectTimeoutMs: 30_000 });
  await bus.stop();
});
