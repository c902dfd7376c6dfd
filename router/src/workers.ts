import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import {
  createLogLevelSwitch,
  createMetrics,
  createWorkerMetrics,
  type Logger,
  type MetricSource,
  type Route,
  type Running,
  runMain,
  startHttpServer,
  startWithCleanup,
} from "@supergraph/service";
import { type Ending, forkWorker, type WorkerProcess, type WorkerTimes } from "./worker-process.ts";

export interface WorkersOptions extends Partial<WorkerTimes> {
  /** "auto" for one a core. */
  readonly count: number | "auto";
  readonly log: Logger;
  /** Where `/metrics` of all workers together is served; nowhere unless given. Workers `shareMetrics` and serve none. */
  readonly metrics?: { readonly host: string; readonly port: number } | undefined;
  /** A worker that has ended is started again at once, and after this time, doubled each time, when it ends again. */
  readonly restartDelayMs?: { readonly first: number; readonly longest: number };
}

/** No worker could be started. Why has been told by the one that was tried. */
class WorkerStartError extends Error {
  readonly code = "WORKER_START_FAILED";
  override readonly name = "WorkerStartError";
}

const DEFAULTS = {
  startTimeoutMs: 60_000,
  // Of the 20 s that runMain gives to a stop.
  stopTimeoutMs: 18_000,
  restartDelayMs: { first: 500, longest: 30_000 },
};

/** One that answered for as long did not fail of itself. */
const STABLE_MS = 10_000;

/**
 * The whole of a primary's `main.ts`: forks workers of this program, whose own `main.ts` sees `cluster.isWorker` and calls
 * `runMain`, and gives them connections in turn.
 *
 * - The first worker is started alone: what cannot start is told once, and ends the primary with exit code 1.
 * - One that ends is started again. SIGUSR2 replaces all, one by one: a new one answers before its predecessor drains. One
 *   that does not get ready ends the roll, and the predecessor stays.
 * - SIGHUP goes to all. SIGTERM and SIGINT let them drain; exit code 0 when each has. A second one kills them.
 * - When the primary is killed, the workers drain and end.
 */
export const runWorkers = (options: WorkersOptions): Promise<void> =>
  runMain(() =>
    startWithCleanup(async (cleanup) => {
      const { log, metrics } = options;
      cluster.schedulingPolicy = cluster.SCHED_RR;
      const workers = createWorkers(options);
      process.on("exit", () => workers.abandon());
      cleanup.add(() => workers.stop());
      if (metrics) {
        const server = await startHttpServer({ ...metrics, maxBodyBytes: 1_024, routes: workers.routes, log });
        cleanup.add(() => server.stop());
        log.info({ port: server.port }, "the workers' metrics are served");
      }
      process.on("SIGHUP", () => workers.hangUp());
      process.on("SIGUSR2", () => void workers.roll());
      const attentive = stopOnSignals(workers, log);
      await workers.start();
      attentive.handOver();
      return { log };
    }),
  );

/**
 * While workers start: the first SIGTERM or SIGINT stops those that there are, with exit code 0, and a second one kills
 * them. Without it the signal would end this process at once, and leave them to find out.
 */
const stopOnSignals = (workers: Workers, log: Logger): { handOver(): void } => {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, "stopping before all workers answer");
    workers.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "could not stop cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return {
    // To runMain's own, which follow before any signal can come; a stop that is under way goes on.
    handOver() {
      if (isStopping) return;
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
    },
  };
};

interface Workers extends Running {
  /** @throws WorkerStartError */
  start(): Promise<void>;
  roll(): Promise<void>;
  hangUp(): void;
  /** This process ends: what did not end in time is killed; without a stop before, workers drain by themselves. */
  abandon(): void;
  /** `/metrics` of all, and `/log-level` for all. */
  readonly routes: readonly Route[];
}

/** The place of one worker after another. */
interface Slot {
  readonly number: number;
  current: WorkerProcess | null;
  /** It is to follow the current one. */
  next: WorkerProcess | null;
  /** In a row. */
  failures: number;
  restart: NodeJS.Timeout | null;
}

const createWorkers = (options: WorkersOptions): Workers => {
  const { log, restartDelayMs, ...times } = { ...DEFAULTS, ...options };
  const count = options.count === "auto" ? availableParallelism() : options.count;
  const slots = Array.from(
    { length: count },
    (_, index): Slot => ({ number: index + 1, current: null, next: null, failures: 0, restart: null }),
  );
  const living = new Set<WorkerProcess>();
  const told = createWorkerMetrics();
  let deaths = 0;
  let stopping = false;
  let rolling = false;
  let rollAgain = false;

  const metrics = createMetrics({
    log,
    sources: [workersSource(() => ({ ready: slots.filter(({ current }) => current?.isReady()).length, deaths }))],
  });

  const logLevel = createLogLevelSwitch({
    loggers: [log],
    onChange(level) {
      for (const worker of living) worker.logBy(level);
    },
  });

  const fork = (slot: Slot): WorkerProcess => {
    const worker = forkWorker(slot.number, times, log);
    worker.logBy(logLevel.changed());
    living.add(worker);
    void worker.ready.then((isReady) => {
      if (isReady) log.info({ worker: worker.number, pid: worker.pid }, "a worker answers");
    });
    void worker.ended.then((ending) => {
      living.delete(worker);
      told.retire(worker.numbers());
      if (slot.current !== worker || stopping) return;
      slot.current = null;
      deaths++;
      if (ending.livedMs >= STABLE_MS) slot.failures = 0;
      const { code, signal } = ending;
      log.error({ worker: worker.number, pid: worker.pid, code, signal }, "a worker has ended, and is started again");
      if (!slot.next) restart(slot);
    });
    return worker;
  };

  const restart = (slot: Slot): void => {
    const { first, longest } = restartDelayMs;
    const delayMs = slot.failures === 0 ? 0 : Math.min(first * 2 ** (slot.failures - 1), longest);
    slot.failures++;
    slot.restart = setTimeout(() => {
      slot.restart = null;
      slot.current = fork(slot);
    }, delayMs);
  };
  const cancelRestart = (slot: Slot): void => {
    if (slot.restart) clearTimeout(slot.restart);
    slot.restart = null;
  };

  /** False where the new one did not get ready. */
  const replace = async (slot: Slot): Promise<boolean> => {
    cancelRestart(slot);
    slot.next = fork(slot);
    const isReady = await slot.next.ready;
    const { next, current } = slot;
    slot.next = null;
    if (stopping) return false;
    if (!isReady) {
      if (!current) restart(slot);
      return false;
    }
    slot.current = next;
    slot.failures = 0;
    await current?.stop();
    return true;
  };

  const rollOnce = async (): Promise<void> => {
    log.info({ workers: count }, "the workers are replaced, one by one");
    for (const slot of slots) {
      if (stopping) return;
      if (await replace(slot)) continue;
      if (!stopping)
        log.error({ worker: slot.number }, "a new worker did not get ready: the workers that are here stay");
      return;
    }
    log.info({ workers: count }, "the workers have been replaced");
  };

  return {
    async start() {
      const [first, ...others] = slots;
      if (!first) throw new WorkerStartError("There are no workers to be started.");
      const tried = fork(first);
      const isReady = await tried.ready;
      if (stopping) return;
      if (!isReady) {
        const { code, signal } = await tried.ended;
        throw new WorkerStartError(`The first worker ended before it answered (${signal ?? `exit code ${code}`}).`);
      }
      first.current = tried;
      for (const slot of others) slot.current = fork(slot);
      await Promise.all(others.map(({ current }) => current?.ready));
      if (!stopping) log.info({ workers: count }, "the workers answer");
    },
    async roll() {
      rollAgain = true;
      if (rolling) return;
      rolling = true;
      while (rollAgain && !stopping) {
        rollAgain = false;
        await rollOnce();
      }
      rolling = false;
    },
    hangUp() {
      log.info("SIGHUP goes to the workers");
      for (const worker of living) worker.hangUp();
    },
    async stop() {
      stopping = true;
      for (const slot of slots) cancelRestart(slot);
      const endings = await Promise.all([...living].map((worker) => worker.stop()));
      metrics.stop();
      logLevel.stop();
      const unclean = endings.filter(isUnclean);
      if (unclean.length > 0) throw new Error(`${unclean.length} of ${endings.length} workers did not stop cleanly.`);
    },
    abandon() {
      if (stopping) for (const worker of living) worker.kill();
    },
    routes: [
      ...logLevel.routes,
      {
        method: "GET",
        path: "/metrics",
        async handle() {
          const [own] = await Promise.all([metrics.snapshot(), ...[...living].map((worker) => worker.ask())]);
          const isServing = new Set(slots.map(({ current }) => current));
          const processes = [...living].map((worker) => ({
            label: String(worker.number),
            // Of two that have one number, the one that drains tells what it has counted.
            snapshot: { ...worker.numbers(), ...(isServing.has(worker) ? {} : { ofEach: [] }) },
          }));
          return told.response([{ label: "primary", snapshot: own }, ...processes]);
        },
      },
    ],
  };
};

/** One that was still starting has nothing to be cleaned up. */
const isUnclean = ({ code, wasReady }: Ending): boolean => wasReady && code !== 0;

export const workersSource = (read: () => { readonly ready: number; readonly deaths: number }): MetricSource => ({
  name: "workers",
  metrics: [
    { kind: "gauge", name: "supergraph_workers_ready", help: "Workers that answer requests." },
    { kind: "counter", name: "supergraph_worker_deaths_total", help: "Workers that ended and were not asked to." },
  ],
  read() {
    const { ready, deaths } = read();
    return [
      { metric: "supergraph_workers_ready", value: ready },
      { metric: "supergraph_worker_deaths_total", value: deaths },
    ];
  },
});
