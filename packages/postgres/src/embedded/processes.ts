import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * When process `pid` started, in a form that only compares with itself; null when there is none. A pid alone does not
 * identify a process: it is given out again.
 */
export const startOf = async (pid: number): Promise<string | null> => {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
    if (stat === null) return null;
    // The second field is the name in parentheses, which may hold anything.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? null : (fields[18] ?? null);
  }
  const { stdout } = await run("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return stdout.trim() || null;
};

/** The command line of process `pid`, or null when there is none. */
export const commandLineOf = async (pid: number): Promise<string | null> => {
  if (process.platform === "linux") {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => null);
    return line?.replaceAll("\0", " ").trim() || null;
  }
  const { stdout } = await run("ps", ["-ww", "-o", "args=", "-p", String(pid)]).catch(() => ({ stdout: "" }));
  return stdout.trim() || null;
};

/** Whether a process works in `directory`, as all of a Postgres server do; false where that cannot be found out. */
export const hasProcessIn = async (directory: string): Promise<boolean> => {
  if (process.platform !== "linux") return false;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const directories = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => null)));
  return directories.includes(directory);
};

/** True once process `pid` is gone, false if it is still there after `withinMs`. */
export const waitForEnd = async (pid: number, withinMs: number): Promise<boolean> => {
  const deadline = Date.now() + withinMs;
  for (;;) {
    if ((await startOf(pid)) === null) return true;
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
