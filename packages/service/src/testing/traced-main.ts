import { createRequire } from "node:module";
import { runMain, startWithCleanup } from "../lifecycle.ts";
import { createLogger } from "../log.ts";
import { startTracing } from "../start-tracing.ts";
import { beginServerSpan, inOwnTrace, inServerSpan, setSpanAttribute } from "../tracing.ts";

const log = createLogger({ service: "traced", level: "info" });

/** A main.ts that answers one request of each kind of span, and runs until it is stopped. */
await runMain(() =>
  startWithCleanup(async (cleanup) => {
    const tracing = await startTracing({ service: "traced", env: process.env, log });
    cleanup.add(() => tracing.stop());
    const running = setInterval(() => undefined, 1_000);
    cleanup.add(() => clearInterval(running));

    const incoming = { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` };
    const attributes = { "http.request.method": "POST", "url.path": "/graphql" };
    await inServerSpan(
      "POST /graphql",
      incoming,
      async () => {
        setSpanAttribute("graphql.operation.type", "query");
        log.info("answers");
        return { status: 200 };
      },
      attributes,
    );
    const request = beginServerSpan("POST /graphql", incoming, attributes);
    const plan = request.child("plan");
    plan.end();
    const call = request.call("orders");
    call.set("http.response.status_code", 503);
    call.end(true);
    request.end();
    await inOwnTrace("sweep", () => Promise.reject(new TypeError("ada@example.com"))).catch(() => undefined);
    return { log };
  }),
);

const loaded = Object.keys(createRequire(import.meta.url).cache);
log.info({ sdkIsLoaded: loaded.some((path) => /exporter-trace-otlp|sdk-trace/.test(path)) }, "runs");
