import cluster from "node:cluster";
import type { LogLevel } from "./config.ts";
import type { LogLevelSwitch } from "./log-level.ts";
import type { Metrics, MetricsSnapshot } from "./metrics.ts";

/** What a worker (of `node:cluster`) tells its primary. */
export type WorkerMessage =
  | { readonly supergraph: "ready" }
  | { readonly supergraph: "numbers"; readonly question: number; readonly numbers: MetricsSnapshot }
  /** It has stopped, and waits for {@link PrimaryMessage} "leave". */
  | { readonly supergraph: "stopped"; readonly numbers: MetricsSnapshot };

/** What a primary tells its workers. To stop, they are sent SIGTERM. */
export type PrimaryMessage =
  | { readonly supergraph: "ask numbers"; readonly question: number }
  | { readonly supergraph: "hangup" }
  /** To log by; null for as configured. */
  | { readonly supergraph: "log level"; readonly level: LogLevel | null }
  | { readonly supergraph: "leave" };

/** Undefined where it is anybody else's message. */
export const readMessage = <Message extends WorkerMessage | PrimaryMessage>(message: unknown): Message | undefined =>
  typeof message === "object" && message !== null && "supergraph" in message ? (message as Message) : undefined;

const NOTHING: MetricsSnapshot = { summed: [], ofEach: [] };

let shared: Pick<Metrics, "snapshot"> | undefined;

/**
 * In a worker: these are the numbers that its primary serves, with those of the other workers. Elsewhere nothing. One a
 * process; the last that is given counts.
 */
export const shareMetrics = (metrics: Pick<Metrics, "snapshot">): void => {
  shared = metrics;
};

let levels: Pick<LogLevelSwitch, "follow"> | undefined;

/** In a worker: this does as the primary's switch. Elsewhere nothing. One a process; the last that is given counts. */
export const shareLogLevel = (given: Pick<LogLevelSwitch, "follow">): void => {
  levels = given;
};

const numbers = async (): Promise<MetricsSnapshot> => (await shared?.snapshot()) ?? NOTHING;

/** A worker's primary, as its `runMain` sees it. */
export interface Primary {
  /** From now on requests are answered. `stop` is called when the primary is gone. */
  join(stop: (why: string) => void): void;
  /** After the stop: tells the last numbers, and waits until no connection can be on its way to this worker. */
  leave(): Promise<void>;
}

/** A primary that does not answer is gone, or will end this process anyway. */
const LEAVE_TIMEOUT_MS = 2_000;

/** Null in a process that is not a worker. */
export const primaryOfWorker = (): Primary | null => {
  const { worker } = cluster;
  if (!cluster.isWorker || !worker) return null;
  let onLeave: () => void = () => undefined;
  return {
    join(stop) {
      // Else Node.js ends the process at once when the primary is gone, with what is in flight.
      worker.exitedAfterDisconnect = true;
      process.on("disconnect", () => {
        onLeave();
        stop("disconnect");
      });
      // Meant for the primary; a signal for the whole process group comes here, too.
      process.on("SIGUSR2", () => undefined);
      process.on("message", (received) => {
        const message = readMessage<PrimaryMessage>(received);
        if (message?.supergraph === "hangup") process.emit("SIGHUP");
        if (message?.supergraph === "log level") levels?.follow(message.level);
        if (message?.supergraph === "leave") onLeave();
        if (message?.supergraph === "ask numbers") {
          const { question } = message;
          // Who does not answer is not waited for.
          numbers().then(
            (told) => tell({ supergraph: "numbers", question, numbers: told }),
            () => undefined,
          );
        }
      });
      tell({ supergraph: "ready" });
    },
    async leave() {
      const left = new Promise<void>((resolve) => {
        onLeave = resolve;
        setTimeout(resolve, LEAVE_TIMEOUT_MS);
      });
      tell({ supergraph: "stopped", numbers: await numbers().catch(() => NOTHING) });
      if (process.connected) await left;
    },
  };
};

const tell = (message: WorkerMessage): void => {
  // A primary that goes in this moment is told of by "disconnect".
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
};
