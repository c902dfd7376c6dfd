import { type SpawnOptions, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Shutdown } from "./processes.ts";

export interface ServerProcess {
  /** Undefined when the program could not be run at all. */
  readonly pid: number | undefined;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** How it ended; null while it runs. */
  describeEnd(): string | null;
  endsWithin(ms: number): Promise<boolean>;
  /** Asks it to end and does not wait: for when this process is ending itself. */
  requestStop(): void;
  /** Goes through the steps of its shutdown until it has ended, the last of which is SIGKILL. Safe to repeat. */
  stop(): Promise<void>;
}

export interface LaunchOptions extends Pick<SpawnOptions, "env" | "cwd" | "stdio" | "uid" | "gid"> {
  readonly shutdown: readonly [Shutdown, ...Shutdown[]];
}

/** Starts `program`; that it runs does not yet mean that it serves. It does not keep this process alive. */
export const spawnServer = (
  program: string,
  args: readonly string[],
  { shutdown, ...options }: LaunchOptions,
): ServerProcess => {
  // In a session of its own: Ctrl-C in the terminal is for us, and we stop it when nobody needs it any more.
  const child = spawn(program, args, { ...options, detached: true });
  child.unref();
  let end: string | null = null;
  const ended = new Promise<void>((resolve) => {
    const finish = (how: string) => {
      end ??= how;
      resolve();
    };
    // Of one that runs it says only that a signal could not be sent.
    child.on("error", (error) => {
      if (child.pid === undefined) finish(error.message);
    });
    child.once("exit", (code, signal) => {
      finish(signal ? `it was ended by ${signal}` : `it ended with exit code ${code}`);
    });
  });

  const kill = (signal: NodeJS.Signals) => {
    if (end === null) child.kill(signal);
  };
  const endsWithin = async (ms: number): Promise<boolean> => {
    const settled = new AbortController();
    const late = pause(ms, false, { signal: settled.signal }).catch(() => false);
    const isEnded = await Promise.race([ended.then(() => true), late]);
    settled.abort();
    return isEnded;
  };

  return {
    pid: child.pid,
    ended,
    describeEnd: () => end,
    endsWithin,
    requestStop: () => kill(shutdown[0].signal),
    async stop() {
      for (const { signal, withinMs } of shutdown) {
        kill(signal);
        if (await endsWithin(withinMs)) return;
      }
      kill("SIGKILL");
      child.ref();
      await ended;
    },
  };
};
