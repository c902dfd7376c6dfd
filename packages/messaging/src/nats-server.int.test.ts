import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProcess } from "@supergraph/local-server";
import { eventually, testNatsUrl, WITHOUT_NATS } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectNats } from "./nats/bus.ts";
import { findNatsServer, startNatsServer } from "./nats-server.ts";
import { aMessage, quietLog, recorder } from "./testing/messages.ts";

const missing = testNatsUrl() === null;

describe.skipIf(missing)(`the private NATS server${missing ? ` (${WITHOUT_NATS})` : ""}`, () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "supergraph-nats-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it("keeps what was published over a restart, on another port if need be", async () => {
    const first = await startNatsServer({ directory });
    const producer = await connectNats({ servers: first.url, log: quietLog });
    await producer.publish(aMessage("kept"));
    await producer.stop();
    await first.stop();
    const second = await startNatsServer({ directory });
    const consumer = recorder();
    const bus = await connectNats({ servers: second.url, log: quietLog });
    await bus.consume(consumer);
    await eventually(() => expect(consumer.seen).toEqual(["kept#1"]));
    await bus.stop();
    await second.stop();
  });

  it("lets nobody in without the credentials of this run, which only its owner can read", async () => {
    const server = await startNatsServer({ directory });
    const anonymous = connectNats({ servers: `nats://127.0.0.1:${server.port}`, log: quietLog });
    await expect(anonymous).rejects.toMatchObject({ code: "NATS_REFUSED_CREDENTIALS" });
    expect((await stat(join(directory, "nats-server.conf"))).mode & 0o077).toBe(0);
    expect((await stat(directory)).mode & 0o077).toBe(0);
    expect((await findProcess(server.pid))?.command).not.toContain(new URL(server.url).password);
    await server.stop();
  });

  it("leaves no process and no claim on the directory when it stops, however often", async () => {
    const server = await startNatsServer({ directory });
    const { pid } = server;
    await Promise.all([server.stop(), server.stop()]);
    expect(await findProcess(pid)).toBeNull();
    await (await startNatsServer({ directory })).stop();
  });

  it("starts again on its port by itself when it is killed", async () => {
    const server = await startNatsServer({ directory });
    const { pid, port } = server;
    process.kill(pid, "SIGKILL");
    await eventually(() => expect(server.pid).not.toBe(pid));
    const bus = await connectNats({ servers: server.url, log: quietLog });
    await bus.stop();
    expect(server.port).toBe(port);
    await server.stop();
  });

  it("stops the orphan of a run that was killed", async () => {
    const module = fileURLToPath(new URL("./nats-server.ts", import.meta.url));
    const script = `
      const { startNatsServer } = await import(${JSON.stringify(module)});
      const server = await startNatsServer({ directory: ${JSON.stringify(directory)} });
      process.stdout.write(String(server.pid));
      setInterval(() => {}, 1000);`;
    const options = ["--import", "tsx", "-C", "supergraph-source", "--input-type=module"];
    const child = spawn(process.execPath, [...options, "-e", script]);
    const [pid] = await once(child.stdout, "data");
    const orphan = Number(String(pid));
    child.kill("SIGKILL");
    await once(child, "exit");
    expect((await findProcess(orphan))?.command).toContain("nats-server");
    const server = await startNatsServer({ directory });
    expect(await findProcess(orphan)).toBeNull();
    await server.stop();
  });

  it("leaves alone a process that only got the pid of an earlier server", async () => {
    const bystander = spawn("sleep", ["60"]);
    await writeFile(join(directory, "nats-server.pid"), String(bystander.pid));
    const server = await startNatsServer({ directory });
    expect(bystander.exitCode).toBeNull();
    expect((await findProcess(Number(bystander.pid)))?.command).toContain("sleep");
    await server.stop();
    bystander.kill();
  });

  it("takes over a directory whose owner is gone or unreadable", async () => {
    for (const owner of ['{"pid":4194304,"startedAt":"1"}', "{", "null", '{"pid":"x"}']) {
      await writeFile(join(directory, "owner.json"), owner);
      await (await startNatsServer({ directory })).stop();
    }
  });

  it("refuses a directory that a running process uses, and leaves its server running", async () => {
    const server = await startNatsServer({ directory });
    const second = startNatsServer({ directory });
    await expect(second).rejects.toMatchObject({ code: "NATS_SERVER_DIRECTORY_IN_USE" });
    await expect(second).rejects.toThrow(`process ${process.pid}`);
    expect(await findProcess(server.pid)).not.toBeNull();
    await server.stop();
  });

  it("says which port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const start = startNatsServer({ directory, port });
    await expect(start).rejects.toMatchObject({
      code: "NATS_SERVER_PORT_TAKEN",
      message: expect.stringContaining(String(port)),
    });
    taken.close();
    await (await startNatsServer({ directory, port })).stop();
  }, 60_000);

  it("says that a directory cannot be used", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");
    const start = startNatsServer({ directory: join(file, "below") });
    await expect(start).rejects.toMatchObject({ code: "NATS_SERVER_DIRECTORY_UNUSABLE" });
  });

  it("tells the server's own words when it ends at once, and where its log is", async () => {
    await writeFile(join(directory, "streams"), "not a directory");
    const start = startNatsServer({ directory });
    await expect(start).rejects.toMatchObject({ code: "NATS_SERVER_FAILED" });
    await expect(start).rejects.toThrow(/storage directory is not a directory.*nats-server\.log/);
    expect(await readFile(join(directory, "nats-server.log"), "utf8")).not.toBe("");
  });

  it("is found on the PATH only when it can be run", async () => {
    expect(findNatsServer("")).toBeNull();
    expect(findNatsServer(directory)).toBeNull();
    await writeFile(join(directory, "nats-server"), "");
    expect(findNatsServer(directory)).toBeNull();
    await chmod(join(directory, "nats-server"), 0o755);
    expect(findNatsServer(`/nowhere:${directory}`)).toBe(join(directory, "nats-server"));
  });
});
