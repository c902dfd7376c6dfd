import { setTimeout as pause } from "node:timers/promises";
import type { ServerProcess } from "./server-process.ts";

export interface SupervisorLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SupervisedServer {
  /** Another one after a restart. */
  readonly process: ServerProcess;
  /** Stops the server, also one that is just being started again. Safe to repeat. */
  stop(): Promise<void>;
}

const RESTART_AFTER_MS = { first: 100, max: 5_000 };

/**
 * Keeps a server running until `stop`: should it end by itself, `launch` starts it again, for as long as it takes. Should
 * this process end without having stopped it, it is asked to end, too.
 * @param options.name Of the server, for the log.
 */
export const supervise = (options: {
  readonly name: string;
  readonly first: ServerProcess;
  readonly launch: () => Promise<ServerProcess>;
  readonly log?: SupervisorLog | undefined;
}): SupervisedServer => {
  const { name, launch, log } = options;
  const stopping = new AbortController();
  let current = options.first;
  let restarting: Promise<void> = Promise.resolve();

  const restart = async (): Promise<void> => {
    for (let delayMs = RESTART_AFTER_MS.first; ; delayMs = Math.min(2 * delayMs, RESTART_AFTER_MS.max)) {
      await pause(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      try {
        current = await launch();
        log?.warn({ server: name, pid: current.pid }, "a local server runs again");
        return;
      } catch (error) {
        log?.warn({ server: name, err: error }, "a local server could not be started again, will retry");
      }
    }
  };
  const keepRunning = async (): Promise<void> => {
    for (;;) {
      await current.ended;
      if (stopping.signal.aborted) return;
      log?.warn({ server: name, end: current.describeEnd() }, "a local server ended by itself: starting it again");
      restarting = restart();
      await restarting;
    }
  };
  const stopWithProcess = () => current.requestStop();
  process.once("exit", stopWithProcess);
  void keepRunning();

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await restarting;
    await current.stop();
    process.removeListener("exit", stopWithProcess);
  };
  return {
    get process() {
      return current;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
};
