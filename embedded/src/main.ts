import { createLogger, describeStartFailure, startTracing } from "@supergraph/service";
import { banner } from "./banner.ts";
import { parseEmbeddedConfig } from "./config.ts";
import { createProgress } from "./progress.ts";
import { startEmbeddedSupergraph } from "./supergraph.ts";

const STOP_DEADLINE_MS = 20_000;

/** A stop that hangs must not keep the terminal; what it leaves behind the next start adopts or ends. */
const endWithin = (milliseconds: number): void => {
  setTimeout(() => process.exit(1), milliseconds).unref();
};

const fail = (error: unknown): void => {
  const damaged = error instanceof Error && "code" in error && error.code === "DATA_DIR_CORRUPT";
  const advice = damaged
    ? "\n`npm run reset` deletes the data folder's content, so that the next start is a first start."
    : "";
  process.stderr.write(`\n${describeStartFailure(error)}${advice}\n`);
  process.exitCode = 1;
};

const main = async (): Promise<void> => {
  const progress = createProgress(process.stdout);
  const config = parseEmbeddedConfig(process.env);
  const tracing = await startTracing({
    service: "embedded",
    env: process.env,
    log: createLogger({ service: "embedded", level: config.logLevel }),
  });
  let interrupted = false;
  const starting = startEmbeddedSupergraph(config, progress);

  const stop = async (): Promise<void> => {
    // A second Ctrl-C means now.
    if (interrupted) process.exit(130);
    interrupted = true;
    endWithin(STOP_DEADLINE_MS);
    process.stdout.write("\nStopping …\n");
    try {
      const supergraph = await starting;
      await supergraph.stop();
      await tracing.stop();
      process.exit(0);
    } catch (error) {
      fail(error);
      process.exit(1);
    }
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);

  const supergraph = await starting;
  if (interrupted) return;
  const { endpoint, playground, bus } = supergraph;
  process.stdout.write(
    banner({ endpoint, playground, bus, dataDirectory: config.dataDirectory, startedInMs: progress.elapsedMs() }),
  );
};

main().catch((error: unknown) => {
  fail(error);
  endWithin(5_000);
});
