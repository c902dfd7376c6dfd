import type { Worker } from "node:worker_threads";
import { ConfigError, type Logger } from "@supergraph/service";
import { startThread } from "@supergraph/service/thread";
import type { ThreadData, ThreadMessage } from "./messages.ts";
import type { PlanAnswer, Planner, PlanQuestion } from "./planner.ts";
import type { SupergraphFacts } from "./supergraph.ts";

/** Questions that may wait for their turn: more come only of an attack, and each is an operation that nobody asked before. */
const MAX_WAITING = 1_000;

interface Waiting {
  readonly question: PlanQuestion;
  readonly resolve: (answer: PlanAnswer) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly facts: SupergraphFacts;
}

export interface ThreadPlannerOptions {
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly start?: (data: ThreadData) => Worker;
}

/**
 * Loads and plans in a thread of its own, so that neither a large supergraph nor an operation that is hard to plan keeps
 * others waiting. Questions are answered one after the other. One that takes longer than `timeoutMs` is refused: its thread
 * is ended, and a new one answers the others.
 * @throws ConfigError when `sdl` is no supergraph that this router can serve.
 */
export const openThreadPlanner = async (
  sdl: string,
  { timeoutMs, log, start = startPlanner }: ThreadPlannerOptions,
): Promise<Planner> => {
  const waiting: Waiting[] = [];
  let current: Waiting | undefined;
  let timer: NodeJS.Timeout | undefined;
  let thread: Thread | undefined;
  let opening: Promise<void> | undefined;
  let isClosed = false;

  /** A thread that answers; what it says from then on is about the current question. */
  const open = async (): Promise<Thread> => {
    const worker = start({ sdl });
    const facts = await opened(worker);
    worker.on("message", (message: ThreadMessage) => {
      if (worker === thread?.worker) settle(message);
    });
    // Out of memory, for one: the process goes on, and so do the other questions.
    worker.on("error", (error) => {
      log.error({ err: error }, "the planning thread failed");
      if (worker === thread?.worker) abandon({ kind: "refused", reason: "too complex" });
    });
    return { worker, facts };
  };

  const settle = (message: ThreadMessage): void => {
    const settled = current;
    current = undefined;
    clearTimeout(timer);
    if (message.kind === "answer") settled?.resolve(message.answer);
    if (message.kind === "fault")
      settled?.reject(Object.assign(new Error(message.message), message.stack ? { stack: message.stack } : {}));
    next();
  };

  const next = (): void => {
    if (current || opening) return;
    if (!thread) {
      if (waiting.length > 0) reopen();
      return;
    }
    current = waiting.shift();
    if (!current) return;
    timer = setTimeout(() => {
      log.warn({ timeoutMs }, "an operation took too long to plan: it is refused");
      abandon({ kind: "refused", reason: "took too long" });
    }, timeoutMs);
    thread.worker.postMessage(current.question);
  };

  /** Ends the thread, and with it the current question. */
  const abandon = (answer: PlanAnswer): void => {
    clearTimeout(timer);
    void thread?.worker.terminate();
    thread = undefined;
    const abandoned = current;
    current = undefined;
    abandoned?.resolve(answer);
    next();
  };

  const reopen = (): void => {
    opening = open()
      .then(
        (opened) => {
          if (isClosed) void opened.worker.terminate();
          else thread = opened;
        },
        (error: unknown) => {
          log.error({ err: error }, "no planning thread can be started");
          for (const { reject } of waiting.splice(0)) reject(error);
        },
      )
      .finally(() => {
        opening = undefined;
        next();
      });
  };

  thread = await open();
  const { facts } = thread;

  return {
    facts,
    async plan(question) {
      if (isClosed) throw new Error("The planner is closed.");
      if (waiting.length >= MAX_WAITING) return { kind: "refused", reason: "too many waiting" };
      return new Promise((resolve, reject) => {
        waiting.push({ question, resolve, reject });
        next();
      });
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      const ended = thread;
      thread = undefined;
      const closed = new Error("The planner is closed.");
      for (const { reject } of [...(current ? [current] : []), ...waiting.splice(0)]) reject(closed);
      current = undefined;
      await ended?.worker.terminate();
    },
  };
};

const opened = (worker: Worker): Promise<SupergraphFacts> =>
  new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("The planning thread ended before it had loaded the supergraph.")));
    worker.once("message", (message: ThreadMessage) => {
      worker.removeAllListeners("error");
      worker.removeAllListeners("exit");
      if (message.kind === "opened") resolve(message.facts);
      if (message.kind === "failed")
        reject(message.isExpected ? new ConfigError(message.message) : new Error(message.message));
    });
  });

const startPlanner = (data: ThreadData): Worker => startThread(import.meta.url, "./planner-thread", data);
