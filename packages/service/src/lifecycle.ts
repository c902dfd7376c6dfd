import type { Logger } from "./log.ts";
import { primaryOfWorker } from "./worker.ts";

export interface Running {
  /** Drains and releases everything. Called once. */
  stop(): Promise<void>;
}

/** What is to be undone, in the reverse order of its making, each step even if another fails. */
export interface Cleanup {
  add(step: () => Promise<void> | void): void;
  run(): Promise<void>;
}

export const createCleanup = (): Cleanup => {
  const steps: (() => Promise<void> | void)[] = [];
  return {
    add: (step) => void steps.push(step),
    async run() {
      const errors: unknown[] = [];
      for (const step of steps.splice(0).reverse()) {
        try {
          await step();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, "Not everything could be stopped.");
    },
  };
};

/** Runs `start` with a cleanup; if it throws half-way, what it had started is stopped again. */
export const startWithCleanup = async <T>(start: (cleanup: Cleanup) => Promise<T>): Promise<T & Running> => {
  const cleanup = createCleanup();
  try {
    return Object.assign((await start(cleanup)) as T & object, { stop: () => cleanup.run() }) as T & Running;
  } catch (error) {
    await cleanup.run().catch(() => undefined);
    throw error;
  }
};

/**
 * `Promise.all` that rejects, with the first error, only once everything has settled: what still starts beside a failed
 * start has then told the cleanup how it is stopped.
 */
export const startAll = async <const Work extends readonly Promise<unknown>[]>(
  work: Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> => {
  await Promise.allSettled(work);
  return Promise.all(work) as Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }>;
};

const STOP_DEADLINE_MS = 20_000;

/**
 * The whole of a `main.ts`: starts, stops on SIGTERM or SIGINT, and ends with exit code 1 and one clear line when
 * starting fails. A second signal, or a stop that takes longer than 20 s, ends the process at once. So does an error or
 * a rejection that nobody handles: what state it has left behind is not known, while a restart is known to lose nothing.
 *
 * In a worker of `node:cluster` it also tells the primary when the start is over, and stops when the primary is gone.
 * Further signals do nothing there: a terminal sends each to primary and workers alike, and to insist is the primary's.
 */
export const runMain = async (start: () => Promise<Running & { log: Logger }>): Promise<void> => {
  const primary = primaryOfWorker();
  try {
    const running = await start();
    const { log } = running;
    let stopping = false;
    const stop = (signal: string) => {
      if (stopping && primary) return;
      if (stopping) process.exit(1);
      stopping = true;
      log.info({ signal }, "stopping");
      setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
      const stopped = running.stop();
      (primary ? stopped.then(() => primary.leave()) : stopped).then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, "could not stop cleanly");
          process.exit(1);
        },
      );
    };
    // Rejections that nobody handles come here, too.
    process.on("uncaughtException", (error, origin) => {
      log.fatal({ err: error, origin }, "an error that nobody handles ends the process");
      process.exit(1);
    });
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    primary?.join(stop);
  } catch (error) {
    process.stderr.write(`${describeStartFailure(error)}\n`);
    process.exit(1);
  }
};

/** The whole of a program that does one thing and ends, such as migrating: exit code 1 and one clear line on failure. */
export const runTask = async (task: () => Promise<void>): Promise<void> => {
  try {
    await task();
  } catch (error) {
    process.stderr.write(`${describeStartFailure(error)}\n`);
    process.exitCode = 1;
  }
};

/**
 * An error with a code was foreseen (ours, Node's or Postgres's) and its message is for whoever runs the process; of
 * anything else the stack helps more. Node tries each address of a host, and tells the failures without a message.
 */
export const describeStartFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === "") return error.errors.map(describeStartFailure).join("\n");
  if ("code" in error && typeof error.code === "string") return `${error.code}: ${error.message}`;
  return error.stack ?? error.message;
};
