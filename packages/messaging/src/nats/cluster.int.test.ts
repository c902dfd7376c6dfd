import { eventually, WITHOUT_NATS } from "@supergraph/testing";
import { connect, type StreamInfo } from "nats";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bus } from "../bus.ts";
import { findNatsServer } from "../nats-server.ts";
import { aMessage, quietLog, recorder } from "../testing/messages.ts";
import { connectNats } from "./bus.ts";
import { type NatsNode, type NatsNodes, natsCluster, natsNodes } from "./testing/nats-nodes.ts";

const PRODUCERS = ["users", "products", "orders", "payments"];
const STREAMS = ["DLQ", "ORDERS", "PAYMENTS", "PRODUCTS", "USERS"];
const ELECTION_MS = 60_000;

const without = findNatsServer() === null ? ` (${WITHOUT_NATS})` : "";

describe.skipIf(without !== "")(`three brokers as a cluster${without}`, { timeout: 2 * ELECTION_MS }, () => {
  let nodes: NatsNodes;
  let cluster: readonly NatsNode[];
  const buses: Bus[] = [];

  beforeEach(async () => {
    nodes = await natsNodes();
    cluster = await natsCluster(nodes);
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.stop()));
    await nodes.stop();
  });

  const urlOf = ({ port }: NatsNode) => `nats://127.0.0.1:${port}`;

  const open = async (): Promise<Bus> => {
    const bus = await connectNats({
      servers: cluster.map(urlOf).join(","),
      producers: PRODUCERS,
      replicas: 3,
      log: quietLog,
      connectTimeoutMs: ELECTION_MS,
      publishTimeoutMs: 2_000,
      ackWaitMs: 3_000,
    });
    buses.push(bus);
    return bus;
  };

  /** What a node says of a stream. It may not know for a while, when the cluster has just lost who led it. */
  const infoOf = (node: NatsNode | undefined, stream: string): Promise<StreamInfo> =>
    eventually(
      async () => {
        if (!node) throw new Error("Expected a node to ask.");
        const connection = await connect({ servers: urlOf(node) });
        try {
          return await (await connection.jetstreamManager({ checkAPI: false })).streams.info(stream);
        } finally {
          await connection.close();
        }
      },
      { timeoutMs: ELECTION_MS },
    );

  it("is waited for while it elects its leaders, and then has all streams three times", async () => {
    await open();
    for (const stream of STREAMS) {
      const { config, cluster: copies } = await infoOf(cluster[0], stream);
      expect([config.num_replicas, copies?.replicas?.length]).toEqual([3, 2]);
    }
  });

  it("loses nothing when the stream's leader is killed under publishing and consuming, and goes on", async () => {
    const consumer = recorder();
    const bus = await open();
    await bus.consume(consumer);
    const leader = (await infoOf(cluster[0], "PRODUCTS")).cluster?.leader;
    const ids = Array.from({ length: 400 }, (_, index) => `evt_${index}`);
    let acknowledged = 0;
    const publishAll = Promise.all(
      ids.map(async (id, index) => {
        if (index >= 200)
          await eventually(() => expect(acknowledged).toBeGreaterThanOrEqual(100), { timeoutMs: ELECTION_MS });
        await eventually(() => bus.publish(aMessage(id, { key: id })), { timeoutMs: ELECTION_MS });
        acknowledged += 1;
      }),
    );
    await eventually(() => expect(acknowledged).toBeGreaterThanOrEqual(50), { timeoutMs: ELECTION_MS });
    const killed = cluster.find(({ name }) => name === leader);
    await killed?.kill();
    await publishAll;
    const handled = () => new Set(consumer.deliveries.map(({ delivery }) => delivery.envelope.id));
    await eventually(() => expect(handled()).toEqual(new Set(ids)), { timeoutMs: ELECTION_MS });

    expect(killed?.name).toBe(leader);
    const survivor = cluster.find((node) => node !== killed);
    await eventually(
      async () => {
        const now = (await infoOf(survivor, "PRODUCTS")).cluster?.leader;
        expect(now).toMatch(/^n[123]$/);
        expect(now).not.toBe(leader);
      },
      { timeoutMs: ELECTION_MS },
    );

    await killed?.startAgain();
    await eventually(() => bus.publish(aMessage("after")), { timeoutMs: ELECTION_MS });
    await eventually(() => expect(handled()).toContain("after"), { timeoutMs: ELECTION_MS });
  });

  it("rejects publishing while a majority is away, and takes it up again with them", async () => {
    const bus = await open();
    await bus.publish(aMessage("before"));
    await Promise.all(cluster.slice(1).map((node) => node.kill()));
    await expect(bus.publish(aMessage("alone"))).rejects.toThrow(/Could not publish alone/);
    await Promise.all(cluster.slice(1).map((node) => node.startAgain()));
    await eventually(() => bus.publish(aMessage("together")), { timeoutMs: ELECTION_MS });
  });
});
