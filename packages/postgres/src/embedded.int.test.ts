import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { eventually } from "@supergraph/testing";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EmbeddedPostgresError, type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./embedded.ts";

describe("the embedded Postgres", () => {
  let template: string;
  let parent: string;
  let directory: string;
  let cleanup: (() => Promise<unknown>)[];

  beforeAll(async () => {
    template = await mkdtemp(join(tmpdir(), "supergraph-embedded-template-"));
    const databases = ["users", "orders"];
    await (await startEmbeddedPostgres({ directory: join(template, "data"), databases, durable: false })).stop();
  });

  afterAll(() => rm(template, { recursive: true, force: true }));

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), "supergraph-embedded-"));
    directory = join(parent, "data");
    // With its owners, which fs.cp does not keep.
    await promisify(execFile)("cp", ["-a", join(template, "data"), directory]);
    cleanup = [];
  });

  afterEach(async () => {
    for (const step of cleanup.reverse()) await step();
    await rm(parent, { recursive: true, force: true });
  });

  const start = async (options: Partial<EmbeddedPostgresOptions<"users" | "orders">> = {}) => {
    const server = await startEmbeddedPostgres({
      directory,
      databases: ["users", "orders"],
      durable: false,
      ...options,
    });
    cleanup.push(server.stop);
    return server;
  };

  const failureOf = async (options: Partial<EmbeddedPostgresOptions<"users" | "orders">> = {}) => {
    const error = await start(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    return error;
  };

  /** Starts a server in a process of its own and answers it with the server's URLs. */
  const startElsewhere = async (): Promise<{ child: ChildProcess; urls: { users: string; orders: string } }> => {
    const program = fileURLToPath(new URL("./testing/embedded-process.ts", import.meta.url));
    const child = spawn(process.execPath, ["--import", "tsx", "-C", "supergraph-source", program, directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    cleanup.push(async () => {
      await killed(child);
      await (await startEmbeddedPostgres({ directory, databases: [], durable: false })).stop();
    });
    const line = await new Promise<string>((resolve, reject) => {
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk;
        if (output.includes("\n")) resolve(output);
      });
      child.once("exit", (code) => reject(new Error(`It ended with ${code}.`)));
    });
    return { child, urls: JSON.parse(line) };
  };

  const killed = async (child: ChildProcess) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  };

  const postmasterPid = async () =>
    Number((await readFile(join(directory, "cluster", "postmaster.pid"), "utf8")).split("\n")[0]);

  it("keeps data, passwords and port over a restart, and refuses connections in between", async () => {
    const first = await start();
    await query(first.urls.users, "create table notes as select 'käse' as text");
    await first.stop();
    await expect(query(first.urls.users, "select 1")).rejects.toThrow(/ECONNREFUSED/);
    const second = await start();
    expect(second.urls).toEqual(first.urls);
    expect(await query(second.urls.users, "select text from notes")).toEqual([{ text: "käse" }]);
  });

  it("gives each database a role that owns it and can connect to no other", async () => {
    const { urls } = await start();
    expect(await query(urls.orders, "select current_user::text as role, current_database()::text as database")).toEqual(
      [{ role: "orders", database: "orders" }],
    );
    await query(urls.orders, "create extension pg_trgm");
    for (const database of ["users", "postgres", "template1"]) {
      const foreign = new URL(urls.orders);
      foreign.pathname = `/${database}`;
      await expect(query(foreign.href, "select 1")).rejects.toThrow(/permission denied for database/);
    }
    const [role] = await query(
      urls.orders,
      "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = current_user",
    );
    expect(role).toEqual({ rolsuper: false, rolcreatedb: false, rolcreaterole: false });
  });

  it("lets nobody in without the password, which only the owner of the directory can read", async () => {
    const { urls, adminUrl } = await start();
    for (const url of [urls.users, adminUrl]) {
      const wrong = new URL(url);
      wrong.password = "guess";
      await expect(query(wrong.href, "select 1")).rejects.toThrow(/password authentication failed/);
    }
    expect((await stat(join(directory, "connections.json"))).mode & 0o777).toBe(0o600);
  });

  it("adds a database that is asked for later", async () => {
    const { urls } = await start();
    await query(urls.users, "create table notes ()");
    await cleanup.pop()?.();
    const databases = ["users", "payments"] as const;
    const later = await startEmbeddedPostgres({ directory, databases, durable: false });
    cleanup.push(later.stop);
    expect(await query(later.urls.payments, "select 1 as one")).toEqual([{ one: 1 }]);
    await query(later.urls.users, "select from notes");
  });

  it("listens where it is told to, and says so when that is taken", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    cleanup.push(() => new Promise((resolve) => blocker.close(resolve)));
    const address = blocker.address();
    const port = typeof address === "object" && address ? address.port : 0;
    expect(await failureOf({ port })).toMatchObject({
      code: "START_FAILED",
      message: expect.stringContaining(`${port}`),
    });
    // The failed start has left nothing behind that would be in the way.
    await start();
  });

  it("moves to another port when the one that it had is taken by now", async () => {
    const first = await start();
    await first.stop();
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(first.port, "127.0.0.1", resolve));
    cleanup.push(() => new Promise((resolve) => blocker.close(resolve)));
    const second = await start();
    expect(second.port).not.toBe(first.port);
    expect(await query(second.urls.users, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("refuses a directory in which another process runs a server, and leaves that one alone", async () => {
    const { urls } = await startElsewhere();
    expect(await failureOf()).toMatchObject({ code: "DATA_DIR_IN_USE", message: expect.stringContaining(directory) });
    expect(await query(urls.users, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("refuses a second start in the same process", async () => {
    await start();
    expect(await failureOf()).toMatchObject({ code: "DATA_DIR_IN_USE" });
  });

  it("stops the server that a killed process left behind, and has its committed data", async () => {
    const { child, urls } = await startElsewhere();
    await query(urls.orders, "create table notes as select 1 as n");
    const orphan = await postmasterPid();
    await killed(child);
    expect(await query(urls.orders, "select n from notes")).toEqual([{ n: 1 }]);
    const server = await start();
    expect(await postmasterPid()).not.toBe(orphan);
    expect(await query(server.urls.orders, "select n from notes")).toEqual([{ n: 1 }]);
    await server.stop();
  });

  it("recovers when process and server were killed at once, while old backends are still ending", async () => {
    const { child, urls } = await startElsewhere();
    await query(urls.orders, "create table notes as select 1 as n");
    const busy = query(urls.orders, "select pg_sleep(60)").catch(() => undefined);
    process.kill(await postmasterPid(), "SIGKILL");
    await killed(child);
    const server = await start();
    await busy;
    expect(await query(server.urls.orders, "select n from notes")).toEqual([{ n: 1 }]);
    await server.stop();
  });

  it("leaves alone a process that has got the pid of a server that is gone", async () => {
    const first = await start();
    await first.stop();
    await writeFile(join(directory, "cluster", "postmaster.pid"), `${process.ppid}\n${join(directory, "cluster")}\n`);
    const server = await start();
    expect(await query(server.urls.users, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("starts the server again when it dies, under the same URLs", async () => {
    const { urls } = await start();
    process.kill(await postmasterPid(), "SIGKILL");
    await eventually(async () => expect(await query(urls.users, "select 1 as one")).toEqual([{ one: 1 }]), {
      timeoutMs: 20_000,
    });
  });

  it("stops while the server is being restarted", async () => {
    const server = await start();
    process.kill(await postmasterPid(), "SIGKILL");
    await server.stop();
    await expect(query(server.urls.users, "select 1")).rejects.toThrow(/ECONNREFUSED/);
  });

  it("says that a directory is damaged, and does not touch it", async () => {
    await (await start()).stop();
    await truncate(join(directory, "cluster", "global", "pg_control"), 0);
    expect(await failureOf()).toMatchObject({
      code: "DATA_DIR_CORRUPT",
      message: expect.stringMatching(
        new RegExp(`${directory} is damaged: .*remove it to start with empty databases`, "s"),
      ),
    });
    await rm(join(directory, "cluster", "PG_VERSION"));
    expect(await failureOf()).toMatchObject({ code: "DATA_DIR_CORRUPT" });
    expect((await stat(join(directory, "cluster", "base"))).isDirectory()).toBe(true);
  });

  it("says that its passwords are lost", async () => {
    await (await start()).stop();
    await writeFile(join(directory, "connections.json"), '{"superuser": 1');
    expect(await failureOf()).toMatchObject({ code: "DATA_DIR_CORRUPT" });
    await rm(join(directory, "connections.json"));
    expect(await failureOf()).toMatchObject({
      code: "DATA_DIR_CORRUPT",
      message: expect.stringContaining("connections.json"),
    });
  });

  it("says that it was made by another version of Postgres", async () => {
    await (await start()).stop();
    await writeFile(join(directory, "cluster", "PG_VERSION"), "17\n");
    expect(await failureOf()).toMatchObject({
      code: "DATA_DIR_CORRUPT",
      message: expect.stringContaining("Postgres 17"),
    });
  });

  it("starts afresh when making the files was cut off", async () => {
    await rm(directory, { recursive: true });
    await mkdir(join(directory, "cluster.new", "base"), { recursive: true });
    await writeFile(join(directory, "initdb-password"), "half");
    const { urls } = await start();
    expect(await query(urls.users, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("says that a directory cannot be made or written", async () => {
    const file = join(parent, "file");
    await writeFile(file, "");
    for (const impossible of [file, join(file, "data")])
      expect(await failureOf({ directory: impossible })).toMatchObject({
        code: "DATA_DIR_UNWRITABLE",
        message: expect.stringContaining(impossible),
      });
  });

  it("runs below a directory that only its owner may enter", async () => {
    await chmod(parent, 0o700);
    const { urls } = await start();
    expect(await query(urls.users, "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("refuses names that are no plain identifiers", async () => {
    for (const name of ["Users", "us-ers", "", 'x"; drop database y', "postgres", "template1"])
      await expect(startEmbeddedPostgres({ directory, databases: [name] })).rejects.toThrow(/cannot be the name/);
  });
});

const query = async (url: string, text: string): Promise<Record<string, unknown>[]> => {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end({ timeout: 1 });
  }
};
