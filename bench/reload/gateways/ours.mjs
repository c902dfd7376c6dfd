import { copyFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { silentLogger } from "@supergraph/service";
import { startRouter } from "../../../router/dist/server.js";
import { serveOrders } from "./measured.mjs";

/** This router as it was built, with its defaults. */
const path = join(dirname(process.env.SUPERGRAPH_PATH), "served.graphql");
await copyFile(process.env.SUPERGRAPH_PATH, path);
const router = await startRouter(
  {
    supergraph: { path },
    server: { port: 0 },
    planning: { thread: process.env.PLANNING_THREAD === "true" },
    log: { level: "silent" },
  },
  { log: silentLogger() },
);
serveOrders({
  url: `${router.url}/graphql`,
  async reload(next) {
    // In one step: the file is looked at every second, too.
    await copyFile(next, `${path}.next`);
    await rename(`${path}.next`, path);
    await router.reload();
  },
});
