import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findProcess, type Shutdown, stopProcess } from "@supergraph/local-server";
import { EmbeddedPostgresError, errnoOf } from "./errors.ts";

/** Fast, then immediate: never SIGKILL, which would leave backends behind that still write. */
const SHUTDOWN: readonly Shutdown[] = [
  { signal: "SIGINT", withinMs: 15_000 },
  { signal: "SIGQUIT", withinMs: 5_000 },
];
const BACKENDS_END_WITHIN_MS = 15_000;

/**
 * Stops the server that a killed process left running in `cluster`. A process is touched only after its command line
 * has shown that it is a Postgres of this very directory.
 */
export const stopOrphan = async (
  cluster: string,
  log: { info(fields: object, message: string): void } | undefined,
): Promise<void> => {
  const pidFile = join(cluster, "postmaster.pid");
  const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).split("\n", 1)[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  const orphan = await findProcess(pid);
  if (orphan === null || !isPostgresOf(cluster, orphan.command)) return await forget(pid, pidFile, cluster);
  log?.info({ pid }, "stopping the Postgres server that an earlier process left behind");
  const outcome = await stopProcess(orphan, SHUTDOWN);
  if (outcome === "running")
    throw new EmbeddedPostgresError(
      "DATA_DIR_IN_USE",
      `A Postgres server from an earlier run (process ${pid}) still uses ${cluster} and does not stop. End it, then start again.`,
    );
  if (outcome === "foreign")
    throw new EmbeddedPostgresError(
      "DATA_DIR_IN_USE",
      `A Postgres server of another user (process ${pid}) uses ${cluster}. Stop it, or choose another directory.`,
    );
};

/**
 * The server is gone. Its pid may be another process's by now, or that of a zombie: Postgres would take either for the
 * running server and refuse to start. The file goes once no backend is left that could still write.
 */
const forget = async (pid: number, pidFile: string, cluster: string): Promise<void> => {
  const deadline = Date.now() + BACKENDS_END_WITHIN_MS;
  while (await hasProcessIn(cluster)) {
    if (Date.now() > deadline)
      throw new EmbeddedPostgresError(
        "DATA_DIR_IN_USE",
        `Processes of a Postgres server that was killed still use ${cluster}. End them, then start again.`,
      );
    await pause(20);
  }
  // Where it is known that nobody writes there, the file goes at once: its pid can become another's at any time.
  if (canFindProcesses || isTaken(pid)) await rm(pidFile, { force: true });
};

const canFindProcesses = process.platform === "linux";

/** Whether a process works in `directory`, as all of a Postgres server do; false where that cannot be found out. */
const hasProcessIn = async (directory: string): Promise<boolean> => {
  if (!canFindProcesses) return false;
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const directories = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => null)));
  return directories.includes(directory);
};

/** Whether a signal could be sent to `pid`, which is how Postgres asks; true for zombies. */
const isTaken = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
};

const isPostgresOf = (cluster: string, commandLine: string): boolean => {
  const [program, ...args] = commandLine.split(" ");
  return basename(program ?? "").startsWith("postgres") && ` ${args.join(" ")} `.includes(` -D ${cluster} `);
};
