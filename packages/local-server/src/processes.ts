import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** A process of this machine. A pid alone is given out again; with the time of its start it names one process. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In a form that only compares with itself. */
  readonly startedAt: string;
}

export interface RunningProcess extends ProcessIdentity {
  /** Its program and arguments, joined by spaces. */
  readonly command: string;
}

/** A step of stopping a process: the signal, and how long the process may take to end after it. */
export interface Shutdown {
  readonly signal: NodeJS.Signals;
  readonly withinMs: number;
}

/** `foreign`: it belongs to a user whose processes we may not signal. */
export type StopOutcome = "ended" | "running" | "foreign";

const POLL_MS = 20;

/** Null when there is no such process, or only its unreaped rest. */
export const findProcess = async (pid: number): Promise<RunningProcess | null> => {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  return process.platform === "linux" ? await fromProc(pid) : await fromPs(pid);
};

export const isRunning = async ({ pid, startedAt }: ProcessIdentity): Promise<boolean> =>
  (await findProcess(pid))?.startedAt === startedAt;

/** Sends each signal in turn until the process has ended. */
export const stopProcess = async (target: ProcessIdentity, steps: readonly Shutdown[]): Promise<StopOutcome> => {
  for (const { signal, withinMs } of steps) {
    try {
      process.kill(target.pid, signal);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EPERM") return "foreign";
      // Else it has just ended, which the next look confirms.
    }
    if (await endsWithin(target, withinMs)) return "ended";
  }
  return "running";
};

const endsWithin = async (target: ProcessIdentity, ms: number): Promise<boolean> => {
  const deadline = Date.now() + ms;
  while (await isRunning(target)) {
    if (Date.now() > deadline) return false;
    await pause(POLL_MS);
  }
  return true;
};

const fromProc = async (pid: number): Promise<RunningProcess | null> => {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    // The name stands in parentheses and may itself hold spaces and parentheses; counted from its end, the state is the
    // first field and the start time the twentieth.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startedAt] = [fields[0], fields[19]];
    if (state === "Z" || state === "X" || startedAt === undefined) return null;
    return { pid, startedAt, command: command.replaceAll("\0", " ").trim() };
  } catch {
    return null;
  }
};

const run = promisify(execFile);

const fromPs = async (pid: number): Promise<RunningProcess | null> => {
  const fields = ["-o", "stat=", "-o", "lstart=", "-o", "args="];
  // In the C locale `lstart` is always five words: Sun Nov 22 04:19:26 2026.
  const env = { PATH: process.env.PATH, LC_ALL: "C" };
  const { stdout } = await run("ps", ["-ww", ...fields, "-p", String(pid)], { env }).catch(() => ({ stdout: "" }));
  const [, state, startedAt, command] = /^\s*(\S+)\s+((?:\S+\s+){4}\S+)\s+(.*)/.exec(stdout) ?? [];
  if (state === undefined || state.startsWith("Z") || startedAt === undefined || command === undefined) return null;
  return { pid, startedAt, command: command.trim() };
};
