import { defineConfig } from "@graphql-hive/gateway";
import { unifiedGraphHandler } from "@graphql-hive/router-runtime";

/** Hive Gateway with the planner of Hive Router, which is written in Rust. Passes `authorization` on to subgraphs. */
export const gatewayConfig = defineConfig({
  unifiedGraphHandler,
  // Off unless asked for; on in its authors' own benchmark. Without an effect on requests that differ in a header.
  inboundInflightRequestDeduplication: true,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get("authorization") ?? undefined }),
  },
});
