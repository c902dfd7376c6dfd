import { readFile, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { PostgresServer, Row } from "../model.ts";
import { SUBGRAPHS } from "../model.ts";
import { FaultDidNotHappen, happened, happens } from "./evidence.ts";

/** One after another, then all at once. */
export const databasesKilled: Row = {
  name: "Postgres killed and restarted, each and all",
  shortSeconds: 6,
  async run({ system, random, seconds, say }) {
    const downMs = (seconds * 1_000) / (2 * (SUBGRAPHS.length + 1));
    for (const name of random.shuffle(SUBGRAPHS)) await crash([system.postgres(name)], downMs);
    await crash(
      SUBGRAPHS.map((name) => system.postgres(name)),
      downMs,
    );
    say(`down for ${Math.round(downMs)} ms each`);
  },
};

const crash = async (servers: readonly PostgresServer[], downMs: number): Promise<void> => {
  const logged = await Promise.all(servers.map(({ logFile }) => sizeOf(logFile)));
  await Promise.all(servers.map((server) => server.kill()));
  happened(!servers.some(({ running }) => running), "a database server went on");
  await pause(downMs);
  await Promise.all(servers.map((server) => server.start()));
  for (const [index, { logFile }] of servers.entries()) {
    const text = await textAfter(logFile, logged[index] ?? 0);
    happened(text.includes("was not properly shut down"), `${logFile} tells of no recovery after a crash`);
  }
  await pause(downMs);
};

/**
 * Every write of orders' database fails, until there is room again. Postgres may stop altogether when it cannot write its
 * log: its supervisor starts it again and again.
 */
export const diskFull: Row = {
  name: "disk full under orders' database",
  shortSeconds: 6,
  unavailable: (system) =>
    system.postgres("orders").disk === null
      ? "orders' database does not stand on a file system of its own: mounting one takes root"
      : null,
  async run({ system, traffic, seconds, say }) {
    const server = system.postgres("orders");
    const { disk, logFile } = server;
    if (disk === null) throw new FaultDidNotHappen("orders' database has no disk of its own");
    const logs = [logFile, system.service("orders").logFile];
    const sizes = await Promise.all(logs.map(sizeOf));
    const meanwhile = traffic.measure();
    await disk.fill();
    await pause(seconds * 1_000);
    // What the database says of it goes to a full disk itself.
    await happens(async () => {
      const texts = await Promise.all(logs.map((log, index) => textAfter(log, sizes[index] ?? 0)));
      return texts.some((text) => text.includes("No space left on device"));
    }, "nobody noticed that the disk is full");
    await disk.free();
    const { acknowledged, retried } = meanwhile.end();
    say(`${acknowledged} orders were taken and ${retried} requests sent again while the disk was full`);
  },
};

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

/** Of a file that has begun anew meanwhile, all. */
const textAfter = async (file: string, size: number): Promise<string> => {
  const content = await readFile(file);
  return content.subarray(content.length < size ? 0 : size).toString("utf8");
};
