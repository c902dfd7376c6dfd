import { runMain } from "../lifecycle.ts";
import { createLogger } from "../log.ts";

/** A main.ts that fails as its argument says, once it runs. */
await runMain(async () => {
  const log = createLogger({ service: "faulty", level: "info" });
  const running = setInterval(() => undefined, 1_000);
  setTimeout(() => {
    log.info("runs");
    if (process.argv[2] === "rejects") void Promise.reject(new Error("nobody waits for this"));
    else if (process.argv[2] === "throws") throw new Error("nobody catches this");
  }, 10);
  return {
    log,
    async stop() {
      clearInterval(running);
      log.info("stopped");
    },
  };
});
