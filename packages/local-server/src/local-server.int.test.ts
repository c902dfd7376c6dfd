import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { takeDirectory } from "./directory.ts";
import { freePort } from "./ports.ts";
import { findProcess, isRunning, stopProcess } from "./processes.ts";
import { type ServerProcess, spawnServer } from "./server-process.ts";
import { supervise } from "./supervisor.ts";

const SHUTDOWN = [{ signal: "SIGTERM", withinMs: 10_000 }] as const;

const aServer = (script = "sleep 60"): ServerProcess =>
  spawnServer("sh", ["-c", script], { stdio: "ignore", shutdown: SHUTDOWN });

/** Does not end by SIGTERM, and is so once its shell has said so by making `file`. */
const aStubbornServer = async (directory: string, withinMs: number): Promise<ServerProcess> => {
  const script = `trap '' TERM; touch ${join(directory, "ready")}; while :; do sleep 0.05; done`;
  const server = spawnServer("sh", ["-c", script], { stdio: "ignore", shutdown: [{ signal: "SIGTERM", withinMs }] });
  await eventually(async () => expect(await readdir(directory)).toContain("ready"));
  return server;
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "supergraph-local-server-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("a process", () => {
  it("is told by pid and start, and not found once it has ended", async () => {
    const server = aServer();
    const found = await findProcess(server.pid ?? 0);
    expect(found?.command).toContain("sleep 60");
    if (!found) throw new Error("It was just started.");
    expect(await isRunning(found)).toBe(true);
    expect(await isRunning({ ...found, startedAt: "earlier" })).toBe(false);
    await server.stop();
    expect(await findProcess(found.pid)).toBeNull();
  });

  it.each([Number.NaN, -1, 0, 0.5, 2 ** 40])("is none under the pid %s", async (pid) => {
    expect(await findProcess(pid)).toBeNull();
  });

  it("is stopped by the next signal when it outlives the first", async () => {
    const server = await aStubbornServer(directory, 0);
    const target = await findProcess(server.pid ?? 0);
    if (!target) throw new Error("It was just started.");
    expect(await stopProcess(target, [{ signal: "SIGTERM", withinMs: 50 }])).toBe("running");
    expect(await stopProcess(target, [{ signal: "SIGKILL", withinMs: 10_000 }])).toBe("ended");
    expect(await stopProcess(target, SHUTDOWN)).toBe("ended");
  });
});

describe("the directory of a server", () => {
  it("has one owner, until that gives it up", async () => {
    const release = await takeDirectory(directory);
    await expect(takeDirectory(directory)).rejects.toMatchObject({ name: "DirectoryInUse", pid: process.pid });
    await release();
    await (await takeDirectory(directory))();
    expect(await readdir(directory)).toEqual([]);
  });

  it("goes to one of many that take it at once", async () => {
    await writeFile(join(directory, "owner.json"), '{"pid":4194304,"startedAt":"1"}');
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => takeDirectory(directory)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    // The others have withdrawn, and the abandoned claim is gone.
    expect(await readdir(directory)).toHaveLength(1);
  });

  it.each([
    '{"pid":4194304,"startedAt":"1"}',
    `{"pid":${process.pid},"startedAt":"an earlier process of this pid"}`,
    "{",
    "null",
    '{"pid":"x"}',
    "",
  ])("is taken over from an owner that is gone or cannot be read: %s", async (owner) => {
    await writeFile(join(directory, "owner.json"), owner);
    await (await takeDirectory(directory))();
  });

  it("is not given up by a former owner once it is another's", async () => {
    const release = await takeDirectory(directory);
    await release();
    await takeDirectory(directory);
    await release();
    await expect(takeDirectory(directory)).rejects.toThrow(`process ${process.pid}`);
  });
});

describe("a server process", () => {
  it("says how it ended", async () => {
    const failing = aServer("exit 3");
    await failing.ended;
    expect(failing.describeEnd()).toBe("it ended with exit code 3");
    const missing = spawnServer("/nowhere/server", [], { stdio: "ignore", shutdown: SHUTDOWN });
    await missing.ended;
    expect(missing.describeEnd()).toContain("ENOENT");
    await missing.stop();
  });

  it("is killed when it outlives its shutdown", async () => {
    const server = await aStubbornServer(directory, 50);
    await Promise.all([server.stop(), server.stop()]);
    expect(server.describeEnd()).toBe("it was ended by SIGKILL");
  });
});

describe("a supervised server", () => {
  it("is started again when it ends by itself, as often as that takes", async () => {
    let launches = 0;
    const launch = async () => {
      launches += 1;
      if (launches === 1) throw new Error("Not yet.");
      return aServer();
    };
    const first = aServer("exit 1");
    const supervised = supervise({ name: "test", first, launch });
    await eventually(() => expect(supervised.process).not.toBe(first));
    expect(launches).toBe(2);
    await supervised.stop();
    expect(supervised.process.describeEnd()).toBe("it was ended by SIGTERM");
  });

  it("stays stopped, also when it is stopped while it is being started again", async () => {
    const second = aServer();
    let stopped: Promise<void> | undefined;
    const launch = async () => {
      stopped = supervised.stop();
      return second;
    };
    const supervised = supervise({ name: "test", first: aServer("exit 1"), launch });
    await eventually(() => expect(stopped).toBeDefined());
    await Promise.all([stopped, supervised.stop()]);
    expect(second.describeEnd()).toBe("it was ended by SIGTERM");
  });
});

describe("a free port", () => {
  it("is the preferred one unless that is taken", async () => {
    const port = await freePort();
    expect(await freePort(port)).toBe(port);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    expect(await freePort(port)).not.toBe(port);
    server.close();
  });
});
