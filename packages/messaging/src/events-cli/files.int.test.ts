import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, WITHOUT_NATS } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInProcessBus, type InProcessBus } from "../in-process.ts";
import { connectNats } from "../nats/bus.ts";
import { findNatsServer, startNatsServer } from "../nats-server.ts";
import { aMessage, quietLog, type Recorder, recorder } from "../testing/messages.ts";
import { operator } from "./testing/operator.ts";

const CONSUMER = "orders-products-stock-reserved-v1";

describe("dead letters of the in-process bus", () => {
  let directory: string;
  let run: ReturnType<typeof operator>;
  const buses: InProcessBus[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "supergraph-letters-"));
    run = operator({ DATA_DIR: directory });
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.stop()));
    await rm(directory, { recursive: true, force: true });
  });

  const open = async (...consumers: Recorder[]): Promise<InProcessBus> => {
    const deadLetterDirectory = join(directory, "dead-letters");
    const bus = createInProcessBus({
      log: quietLog,
      deadLetterDirectory,
      maxDeliveries: 2,
      backoffMs: { first: 5, max: 10 },
    });
    for (const consumer of consumers) await bus.consume(consumer);
    bus.open();
    buses.push(bus);
    return bus;
  };

  const failing = () =>
    recorder(() => {
      throw new Error("A bug.");
    });

  const letters = async () => JSON.parse((await run("dlq list --json")).out) as { id: string; messageId: string }[];

  const idOf = async (messageId: string): Promise<string> => {
    const letter = (await letters()).find((candidate) => candidate.messageId === messageId);
    if (!letter) throw new Error(`Expected a letter about ${messageId}.`);
    return letter.id;
  };

  it("are listed, shown and discarded while nothing runs", async () => {
    const bus = await open(failing());
    await bus.publish(aMessage("evt:1/2"));
    await bus.publish(aMessage("evt_3"));
    await bus.stop();
    expect((await run("dlq list")).out).toMatch(
      /[0-9a-f]{10} +products\.stock\.reserved\.v1 +evt:1\/2 .*Error: A bug\./,
    );
    expect((await run(`dlq show ${await idOf("evt:1/2")}`)).out).toMatch(/^data\n {2}\{\n {4}"quantity": 1/m);
    expect((await run(`dlq discard ${await idOf("evt:1/2")} --yes`)).exit).toBe(0);
    expect(await letters()).toMatchObject([{ messageId: "evt_3" }]);
    expect((await run("dlq show 0123456789")).exit).toBe(3);
  });

  it("are replayed by the bus that runs, to the consumer that buried them alone", async () => {
    let broken = true;
    const orders = recorder(() => {
      if (broken) throw new Error("A bug.");
    });
    const reporting = recorder(undefined, { service: "reporting" });
    const bus = await open(orders, reporting);
    await bus.publish(aMessage("evt_1"));
    broken = false;
    expect(await run("dlq replay --all")).toMatchObject({
      exit: 0,
      out: expect.stringContaining(`${CONSUMER}  evt_1`),
    });
    await eventually(() => expect(orders.seen).toEqual(["evt_1#1", "evt_1#2", "evt_1#1"]));
    await eventually(async () => expect(await filesLeft()).toEqual([]));
    expect(reporting.seen).toEqual(["evt_1#1"]);
  });

  it("are replayed at the next start where nothing runs, and come back when they fail again", async () => {
    const first = await open(failing());
    await first.publish(aMessage("evt_1"));
    await first.stop();
    expect((await run("dlq replay --all --dry-run")).exit).toBe(0);
    expect(await letters()).toHaveLength(1);
    expect((await run(`dlq replay ${await idOf("evt_1")}`)).exit).toBe(0);
    expect(await letters()).toEqual([]);

    const still = failing();
    const second = await open(still);
    await eventually(async () => expect(await letters()).toMatchObject([{ messageId: "evt_1" }]));
    await second.stop();
    expect(still.seen).toEqual(["evt_1#1", "evt_1#2"]);

    await run("dlq replay --all");
    const mended = recorder();
    await open(mended);
    await eventually(() => expect(mended.seen).toEqual(["evt_1#1"]));
  });

  it("come back when no consumer takes them any more", async () => {
    const first = await open(failing());
    await first.publish(aMessage("evt_1"));
    await first.stop();
    await run("dlq replay --all");
    await open(recorder(undefined, { service: "somebody-else" }));
    await eventually(async () => expect(await letters()).toMatchObject([{ messageId: "evt_1" }]));
  });

  it("are shown also when their file is damaged, and can be discarded", async () => {
    await mkdir(join(directory, "dead-letters", "orders", CONSUMER), { recursive: true });
    await writeFile(join(directory, "dead-letters", "orders", CONSUMER, "half.json"), '{"service":');
    expect((await run("dlq list")).out).toMatch(/\[cannot be replayed\] Something else than a dead letter/);
    expect((await run("dlq replay --all")).exit).toBe(1);
    expect((await run("dlq discard --all --service orders --yes")).exit).toBe(0);
    expect(await letters()).toEqual([]);
  });

  it("are none in a data folder without them, and an error where there is no data folder", async () => {
    expect((await run("dlq list")).out).toBe(`No dead letters at ${join(directory, "dead-letters")}.\n`);
    const nowhere = await run(`dlq list --directory ${join(directory, "nowhere")}`);
    expect(nowhere).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/neither a broker nor a data folder .*--nats/),
    });
  });

  it.skipIf(findNatsServer() === null)(
    `are those of the private broker where npm start runs one${findNatsServer() ? "" : ` (${WITHOUT_NATS})`}`,
    async () => {
      const server = await startNatsServer({ directory: join(directory, "nats") });
      const bus = await connectNats({ servers: server.url, log: quietLog, maxDeliveries: 1 });
      try {
        await bus.consume(failing());
        await bus.publish(aMessage("evt_1"));
        await eventually(async () => expect(await letters()).toMatchObject([{ id: "1", messageId: "evt_1" }]));
      } finally {
        await bus.stop();
        await server.stop();
      }
      expect(await run("dlq list")).toMatchObject({ exit: 2, err: expect.stringContaining("start it with npm start") });
    },
  );

  it("are looked after by the program itself, whose exit code scripts can use", async () => {
    const main = fileURLToPath(new URL("main.ts", import.meta.url));
    const child = spawn(
      process.execPath,
      ["--conditions=supergraph-source", "--import", "tsx", main, "dlq", "show", "abc"],
      {
        env: { PATH: process.env.PATH, DATA_DIR: directory },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const exit = await new Promise((resolve) => child.once("close", resolve));
    expect([exit, err]).toEqual([3, expect.stringContaining("There is not a dead letter abc")]);
  });

  const filesLeft = async (): Promise<string[]> => {
    const names = await readdir(join(directory, "dead-letters"), { recursive: true });
    return names.filter((name) => /\.(json|replay|tmp)$/.test(name));
  };
});
