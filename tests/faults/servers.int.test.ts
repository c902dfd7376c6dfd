import { randomUUID } from "node:crypto";
import { appendFile, chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNatsServer } from "@supergraph/messaging/nats-server";
import { openDatabase } from "@supergraph/postgres";
import { connect } from "nats";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { startBroker } from "./broker.ts";
import { MESSAGE_ID, withMessages } from "./messages.ts";
import { steadyPort } from "./ports.ts";
import { startPostgres } from "./postgres-server.ts";
import { mountDisk } from "./small-disk.ts";

let directory: string;

beforeEach(async (context) => {
  directory = await mkdtemp(join(tmpdir(), "supergraph-servers-"));
  // The first of what is to be done at the end is done last: no server writes there any more.
  context.onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755);
});

describe("a database server of the fault suite", () => {
  it("stays dead when it is killed, and has kept what was committed when it is started again", async () => {
    const server = await startPostgres({ database: "orders", directory });
    onTestFinished(() => server.stop());
    const open = () => openDatabase({ url: server.url, schema: {}, applicationName: "test", max: 1 });
    const before = open();
    await before.sql`create table kept as select 1 as one`;
    await server.kill();
    expect(server.running).toBe(false);
    await before.close();
    const meanwhile = open();
    await expect(meanwhile.sql`select 1`).rejects.toThrow();
    await meanwhile.close();
    await server.start();
    const after = open();
    onTestFinished(() => after.close());
    expect(await after.sql`select one from kept`).toEqual([{ one: 1 }]);
  });
});

describe("a small disk", () => {
  it("takes nothing while it is full, and takes on once there is room", async (context) => {
    const disk = await mountDisk(directory, 8);
    if (disk === null) return context.skip("mounting a file system takes root");
    try {
      const file = join(directory, "file");
      await appendFile(file, "x".repeat(100_000));
      await disk.fill();
      await expect(appendFile(file, "x".repeat(100_000))).rejects.toThrow("ENOSPC");
      await disk.free();
      await appendFile(file, "x".repeat(100_000));
    } finally {
      await disk.unmount();
    }
  });
});

describe.skipIf(findNatsServer() === null)("a broker of the fault suite (needs nats-server on the PATH)", () => {
  const aBroker = async () => {
    const broker = await startBroker(directory, await steadyPort());
    onTestFinished(() => broker.stop());
    const connection = await connect({ servers: broker.url });
    const manager = await connection.jetstreamManager();
    await manager.streams.add({ name: "THINGS", subjects: ["things.>"] });
    await connection.close();
    return broker;
  };
  const aMessage = (text: string) => ({
    subject: "things.happened.v1",
    headers: { [MESSAGE_ID]: randomUUID() },
    body: new TextEncoder().encode(text),
  });

  it("keeps its messages when it is killed, and loses them when it is wiped", async () => {
    const broker = await aBroker();
    await withMessages(broker.url, async (messages) => {
      for (const text of ["one", "two", "three"]) await messages.publish(aMessage(text));
    });
    await broker.kill();
    expect(broker.running).toBe(false);
    await broker.start();
    await withMessages(broker.url, async (messages) => {
      const latest = await messages.latest("THINGS", 2);
      expect(latest.map(({ body }) => new TextDecoder().decode(body))).toEqual(["two", "three"]);
      expect(latest[0]?.headers[MESSAGE_ID]).toBeTruthy();
    });
    await broker.wipe();
    await withMessages(broker.url, async (messages) => expect(await messages.streams()).toEqual([]));
  });
});
