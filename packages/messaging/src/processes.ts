import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** A process of this machine. A pid alone is reused; with the time of its start it names one process. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

export interface RunningProcess extends ProcessIdentity {
  /** Its program and arguments, joined by spaces. */
  readonly command: string;
}

/** Null when there is no such process, or only its unreaped rest. */
export const findProcess = (pid: number): RunningProcess | null => {
  try {
    return existsSync("/proc/self/stat") ? fromProc(pid) : fromPs(pid);
  } catch {
    return null;
  }
};

export const isRunning = ({ pid, startedAt }: ProcessIdentity): boolean => findProcess(pid)?.startedAt === startedAt;

const fromProc = (pid: number): RunningProcess | null => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name stands in parentheses and may itself hold spaces and parentheses; counted from its end, the state is the
  // first field and the start time the twentieth.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startedAt = fields[19];
  if (fields[0] === "Z" || startedAt === undefined) return null;
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ").trim();
  return { pid, startedAt, command };
};

const fromPs = (pid: number): RunningProcess | null => {
  const ask = (field: string) =>
    execFileSync("ps", ["-o", `${field}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
  if (ask("stat").startsWith("Z")) return null;
  return { pid, startedAt: ask("lstart"), command: ask("command") };
};
