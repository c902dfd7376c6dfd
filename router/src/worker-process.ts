import cluster from "node:cluster";
import {
  type Logger,
  type LogLevel,
  type MetricsSnapshot,
  type PrimaryMessage,
  readMessage,
  totalsOf,
  type WorkerMessage,
} from "@supergraph/service";

/** One process of `node:cluster`, as its primary sees it. */
export interface WorkerProcess {
  /** Which of the workers it is, from 1; the one that follows it has the same number. */
  readonly number: number;
  readonly pid: number | undefined;
  /** True once it answers requests; false when it has ended before that, or was ended for want of time. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<Ending>;
  isReady(): boolean;
  /** What it told last; never undone by its end. */
  numbers(): MetricsSnapshot;
  /** Asks for its numbers anew. Resolves at the latest after 2 s; what was true of it is then forgotten. */
  ask(): Promise<void>;
  /** It sees a SIGHUP, once it is ready. */
  hangUp(): void;
  /** Has it log by this level, null for as configured; once it is ready. */
  logBy(level: LogLevel | null): void;
  /** Lets it finish what it does, and kills it after `stopTimeoutMs`. Safe to repeat. */
  stop(): Promise<Ending>;
  kill(): void;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly wasReady: boolean;
  /** From when it was ready. */
  readonly livedMs: number;
}

export interface WorkerTimes {
  readonly startTimeoutMs: number;
  readonly stopTimeoutMs: number;
}

const ASK_TIMEOUT_MS = 2_000;
const NOTHING: MetricsSnapshot = { summed: [], ofEach: [] };

/** Node's flags and arguments are those of this process. */
export const forkWorker = (
  number: number,
  { startTimeoutMs, stopTimeoutMs }: WorkerTimes,
  log: Logger,
): WorkerProcess => {
  const worker = cluster.fork();
  const { pid } = worker.process;
  const asked = new Map<number, () => void>();
  let questions = 0;
  let last = NOTHING;
  let readyAt: number | null = null;
  let wantsHangUp = false;
  let logLevel: LogLevel | null = null;
  let isStopping = false;

  const send = (message: PrimaryMessage): void => {
    // That it went away in this moment its end will tell.
    if (worker.isConnected()) worker.process.send(message, undefined, {}, () => undefined);
  };
  const kill = (signal: NodeJS.Signals): void => {
    worker.process.kill(signal);
  };

  const ended = new Promise<Ending>((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      for (const answered of asked.values()) answered();
      const livedMs = readyAt === null ? 0 : performance.now() - readyAt;
      resolve({ code, signal, wasReady: readyAt !== null, livedMs });
    };
    worker.on("exit", end);
    worker.on("error", (error) => {
      log.error({ err: error, worker: number, pid }, "a worker cannot be started or reached");
      // Nothing was started that could exit.
      if (pid === undefined) end(null, null);
    });
  });

  const ready = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => {
      log.error({ worker: number, pid, startTimeoutMs }, "a worker does not get ready: it is killed");
      kill("SIGKILL");
    }, startTimeoutMs);
    void ended.then(() => {
      clearTimeout(timer);
      resolve(false);
    });
    worker.on("message", (received: unknown) => {
      const message = readMessage<WorkerMessage>(received);
      if (message?.supergraph === "ready") {
        clearTimeout(timer);
        readyAt = performance.now();
        if (wantsHangUp) send({ supergraph: "hangup" });
        if (logLevel !== null) send({ supergraph: "log level", level: logLevel });
        resolve(true);
      }
      if (message?.supergraph === "numbers") {
        last = message.numbers;
        asked.get(message.question)?.();
      }
      if (message?.supergraph === "stopped") {
        last = message.numbers;
        send({ supergraph: "leave" });
      }
    });
  });

  return {
    number,
    pid,
    ready,
    ended,
    isReady: () => readyAt !== null,
    numbers: () => last,
    ask() {
      const question = ++questions;
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          asked.delete(question);
          resolve();
        };
        const timer = setTimeout(() => {
          last = totalsOf(last);
          done();
        }, ASK_TIMEOUT_MS);
        asked.set(question, done);
        send({ supergraph: "ask numbers", question });
      });
    },
    hangUp() {
      // What it reads while it starts may be what was there before.
      if (readyAt === null) wantsHangUp = true;
      else send({ supergraph: "hangup" });
    },
    logBy(level) {
      logLevel = level;
      if (readyAt !== null) send({ supergraph: "log level", level });
    },
    stop() {
      if (isStopping) return ended;
      isStopping = true;
      kill("SIGTERM");
      const deadline = setTimeout(() => {
        log.error({ worker: number, pid, stopTimeoutMs }, "a worker does not stop: it is killed");
        kill("SIGKILL");
      }, stopTimeoutMs);
      return ended.finally(() => clearTimeout(deadline));
    },
    kill: () => kill("SIGKILL"),
  };
};
