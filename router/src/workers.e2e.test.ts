import { get } from "node:http";
import { json } from "node:stream/consumers";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive, runPrimary } from "./testing/primary.ts";
import type { WorkersOptions } from "./workers.ts";

const asJson = async (url: string): Promise<unknown> => {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return response.json();
};

/** On a connection of its own. */
const onNewConnection = (url: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      if (response.statusCode === 200) json(response).then(resolve, reject);
      else reject(new Error(`The status is ${response.statusCode}.`));
    }).on("error", reject);
  });

const startShop = async (options: Partial<WorkersOptions> = {}, how: Parameters<typeof runPrimary>[1] = {}) => {
  const primary = await runPrimary({ count: 2, ...options }, how);
  await primary.told("the workers answer");
  return { ...primary, url: await primary.origin() };
};

const startWithMetrics = async (how: Parameters<typeof runPrimary>[1] = {}) => {
  const primary = await startShop({ metrics: { host: "127.0.0.1", port: 0 } }, how);
  const [line] = await primary.told("the workers' metrics are served");
  const metricsPort = line?.port ?? 0;
  return {
    ...primary,
    metricsPort,
    async scrape() {
      const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
      expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
      return await response.text();
    },
  };
};

describe("workers that run", () => {
  let shop: Awaited<ReturnType<typeof startWithMetrics>>;
  const atEnd: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    shop = await startWithMetrics({ atEnd: (step) => void atEnd.unshift(step) });
  });
  afterAll(async () => {
    for (const step of atEnd) await step();
  });

  it("answer on one port, in turn", async () => {
    const answered = [];
    for (let i = 0; i < 6; i++) answered.push(await onNewConnection(`${shop.url}/pid`));
    expect(answered.slice(0, 2).sort()).toEqual([...shop.workers()].sort());
    expect(answered.slice(2)).toEqual(answered.slice(0, 4));
  });

  it("have their numbers summed, except those of which a sum says nothing", async () => {
    const asked = async () => Number(/^test_asked_total (\d+)$/m.exec(await shop.scrape())?.[1]);
    const before = await asked();
    for (let i = 0; i < 5; i++) await onNewConnection(`${shop.url}/pid`);
    expect(await asked()).toBe(before + 5);
    const text = await shop.scrape();
    const [first, second] = shop.workers();
    expect(text).toContain("\ntest_open 2\n");
    expect(text).toContain(`\ntest_pid{worker="1"} ${first}\ntest_pid{worker="2"} ${second}\n`);
    expect(text).toContain("\nsupergraph_workers_ready 2\n");
    expect(text).toContain("\nsupergraph_worker_deaths_total 0\n");
    for (const worker of ["primary", "1", "2"])
      expect(text).toMatch(new RegExp(`^process_resident_memory_bytes\\{worker="${worker}"\\} \\d+$`, "m"));
    expect(text).not.toMatch(/ (null|undefined|NaN)$/im);
  });

  it("each see a SIGHUP of the primary, once", async () => {
    shop.signal("SIGHUP");
    const lines = await shop.told("hung up", 2);
    expect(lines.map(({ service }) => Number(service)).sort()).toEqual(shop.workers().sort());
  });

  it("log by the level that is given to the primary, those that come later, too, until it is as configured again", async () => {
    const changeLevel = async (level: string) => {
      const response = await fetch(`http://127.0.0.1:${shop.metricsPort}/log-level`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ level }),
      });
      expect(response.status).toBe(200);
    };
    const heard = async (): Promise<string[]> => {
      const before = shop.logged("asked").length;
      for (let i = 0; i < 2; i++) await onNewConnection(`${shop.url}/pid`);
      return (await shop.told("asked", before + 2)).slice(before).map(({ service }) => service);
    };
    await onNewConnection(`${shop.url}/pid`);
    await changeLevel("debug");
    expect(shop.logged("asked")).toEqual([]);
    await eventually(async () => expect(new Set(await heard()).size).toBe(2));

    shop.signal("SIGUSR2");
    await shop.told("the workers have been replaced");
    await eventually(async () => expect((await heard()).map(Number).sort()).toEqual(shop.workers().slice(-2).sort()));

    await changeLevel("info");
    await shop.told("the log level is changed", 2);
    await eventually(async () => {
      const before = shop.logged("asked").length;
      for (let i = 0; i < 4; i++) await onNewConnection(`${shop.url}/pid`);
      expect(shop.logged("asked").length).toBe(before);
    });
  });

  it("keep their port for metrics, and another primary tells once that it is taken", async () => {
    const { ended, complaints } = await runPrimary({
      count: 2,
      metrics: { host: "127.0.0.1", port: shop.metricsPort },
    });
    expect(await ended).toBe(1);
    expect(complaints()).toMatch(/^LISTEN_FAILED: .*\n$/);
  });
});

describe("workers", () => {
  it("that cannot start end the primary, and one of them tells why", async () => {
    const { ended, complaints } = await runPrimary({ count: 4 }, { behaviour: "refuses to start" });
    expect(await ended).toBe(1);
    expect(complaints().trim().split("\n")).toEqual([
      "CONFIG_INVALID: ROUTER_PORT is not set: expected a port. Example: 4000",
      "WORKER_START_FAILED: The first worker ended before it answered (exit code 1).",
    ]);
  });

  it("that do not get ready in time end the primary, too", async () => {
    const { ended, complaints } = await runPrimary(
      { count: 2, startTimeoutMs: 1_000 },
      { behaviour: "hangs at its start" },
    );
    expect(await ended).toBe(1);
    expect(complaints()).toContain("WORKER_START_FAILED: The first worker ended before it answered (SIGKILL).");
  });

  it("are started again when they end, while the others answer", async () => {
    const { url, workers, told } = await startShop();
    const [killed = 0, other] = workers();
    process.kill(killed, "SIGKILL");
    await told("a worker answers", 3);
    const [, , next] = workers();
    const answered = [await onNewConnection(`${url}/pid`), await onNewConnection(`${url}/pid`)];
    expect(answered.sort()).toEqual([other, next].sort());
  });

  it("are started again and again when they end at their start, until they can", async () => {
    const { url, workers, told, behave } = await startShop({ restartDelayMs: { first: 1, longest: 10 } });
    const [killed = 0, other] = workers();
    await behave("refuses to start");
    process.kill(killed, "SIGKILL");
    await told("a worker has ended, and is started again", 4);
    expect(await asJson(`${url}/pid`)).toBe(other);
    await behave("works");
    await told("a worker answers", 3);
  });
});

describe("a stop", () => {
  it("on SIGTERM answers what is in flight, and is clean when each worker's is", async () => {
    const { url, workers, told, signal, ended, logged } = await startShop();
    const held = onNewConnection(`${url}/slow`);
    await told("holds a request");
    signal("SIGTERM");
    expect(workers()).toContain(await held);
    expect(await ended).toBe(0);
    expect(workers().filter(isAlive)).toEqual([]);
    expect(logged("stopping").length).toBe(3);
  });

  it("by Ctrl+C, which primary and workers see alike, is one stop of each", async () => {
    const { url, workers, told, signalAll, ended, logged } = await startShop();
    const held = onNewConnection(`${url}/slow`);
    await told("holds a request");
    signalAll("SIGINT");
    expect(workers()).toContain(await held);
    expect(await ended).toBe(0);
    expect(new Set(logged("stopping").map(({ service }) => service)).size).toBe(3);
    expect(logged("stopping").length).toBe(3);
    expect(logged("a worker has ended, and is started again")).toEqual([]);
  });

  it("kills a worker that hangs when its time is over, and tells so", async () => {
    const { url, workers, signal, ended, logged } = await startShop({ stopTimeoutMs: 500 });
    const hanging = await asJson(`${url}/hang`);
    signal("SIGTERM");
    expect(await ended).toBe(1);
    expect(logged("a worker does not stop: it is killed").map(({ pid }) => pid)).toContain(hanging);
    expect(workers().filter(isAlive)).toEqual([]);
  });

  it("that is insisted on kills the workers", async () => {
    const { url, told, signal, ended } = await startShop();
    await asJson(`${url}/hang`);
    signal("SIGTERM");
    await told("stopping", 3);
    signal("SIGTERM");
    expect(await ended).toBe(1);
  });

  it("before the first worker answers is clean, and leaves nobody behind", async () => {
    const { signal, ended, told, logged, complaints } = await runPrimary(
      { count: 2 },
      { behaviour: "hangs at its start" },
    );
    await told("starts");
    signal("SIGTERM");
    expect(await ended).toBe(0);
    expect(logged("stopping before all workers answer")).toHaveLength(1);
    expect([logged("a worker answers"), complaints()]).toEqual([[], ""]);
  });

  it("before all workers answer lets those drain that do", async () => {
    const { signal, ended, told, logged, behave, origin, workers } = await runPrimary({ count: 2 });
    await told("listens");
    await behave("hangs at its start");
    const held = onNewConnection(`${await origin()}/slow`);
    await told("holds a request");
    await told("starts", 2);
    signal("SIGTERM");
    expect(workers()).toEqual([await held]);
    expect(await ended).toBe(0);
    expect(logged("the workers answer")).toEqual([]);
  });

  it("before all workers answer that is insisted on ends at once", async () => {
    const { signal, ended, told, behave, origin } = await runPrimary({ count: 2 });
    await told("listens");
    await behave("hangs at its start");
    await asJson(`${await origin()}/hang`);
    signal("SIGTERM");
    await told("stopping before all workers answer");
    signal("SIGTERM");
    expect(await ended).toBe(1);
  });

  it("follows in each worker when the primary is killed, and answers what is in flight", async () => {
    const { url, workers, told, signal, ended } = await startShop();
    const held = onNewConnection(`${url}/slow`);
    await told("holds a request");
    signal("SIGKILL");
    expect(workers()).toContain(await held);
    await ended;
  });
});

describe("a roll", () => {
  it("replaces each worker without failing a request, on kept connections and on new ones", async () => {
    const { url, workers, told, signal } = await startShop();
    const before = workers();
    const failures: unknown[] = [];
    const answered = new Set<unknown>();
    let requests = 0;
    let over = false;
    const keepAsking = async (ask: (url: string) => Promise<unknown>): Promise<void> => {
      while (!over) {
        requests++;
        await ask(`${url}/pid`).then(
          (pid) => answered.add(pid),
          (error: unknown) => failures.push(error),
        );
      }
    };
    const clients = [asJson, asJson, asJson, asJson, onNewConnection, onNewConnection].map(keepAsking);
    await eventually(() => expect(answered.size).toBe(2));
    signal("SIGUSR2");
    await told("the workers have been replaced");
    await eventually(() => expect(answered.size).toBe(4));
    over = true;
    await Promise.all(clients);
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(100);
    const after = workers().slice(2);
    expect([...answered].sort()).toEqual([...before, ...after].sort());
    expect(before.filter(isAlive)).toEqual([]);
    expect(after.filter(isAlive)).toEqual(after);
  });

  it("ends with a worker that does not get ready, and those that are here stay", async () => {
    const { url, workers, told, signal, behave, logged } = await startShop();
    const before = workers();
    await behave("refuses to start");
    signal("SIGUSR2");
    await told("a new worker did not get ready: the workers that are here stay");
    expect(before.filter(isAlive)).toEqual(before);
    expect(before).toContain(await asJson(`${url}/pid`));
    await behave("works");
    signal("SIGUSR2");
    await told("the workers have been replaced");
    expect(workers().length).toBe(4);
    expect(logged("a worker has ended, and is started again")).toEqual([]);
  });

  it("that is asked for during a roll follows it", async () => {
    const { workers, told, signal } = await startShop({ count: 1 });
    signal("SIGUSR2");
    await told("the workers are replaced, one by one");
    signal("SIGUSR2");
    await told("the workers have been replaced", 2);
    expect(workers().filter(isAlive)).toEqual(workers().slice(2));
  });

  it("ends when the workers are stopped", async () => {
    const { told, signal, behave, ended, workers } = await startShop();
    await behave("hangs at its start");
    signal("SIGUSR2");
    await told("the workers are replaced, one by one");
    signal("SIGTERM");
    expect(await ended).toBe(0);
    expect(workers().filter(isAlive)).toEqual([]);
  });
});

describe("what workers counted", () => {
  it("is told when they have been replaced, too", async () => {
    const { url, told, signal, scrape } = await startWithMetrics();
    for (let i = 0; i < 4; i++) await onNewConnection(`${url}/pid`);
    signal("SIGUSR2");
    await told("the workers have been replaced");
    await onNewConnection(`${url}/pid`);
    const text = await scrape();
    expect(text).toContain("\ntest_asked_total 5\n");
    expect(text).toContain("\ntest_open 2\n");
  });

  it("is told when one has died, as far as it was told before", async () => {
    const { url, workers, told, scrape } = await startWithMetrics();
    for (let i = 0; i < 4; i++) await onNewConnection(`${url}/pid`);
    expect(await scrape()).toContain("\ntest_asked_total 4\n");
    process.kill(workers()[0] ?? 0, "SIGKILL");
    await told("a worker answers", 3);
    const text = await scrape();
    expect(text).toContain("\ntest_asked_total 4\n");
    expect(text).toContain("\nsupergraph_worker_deaths_total 1\n");
  });
});
