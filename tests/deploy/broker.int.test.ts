import { readFile } from "node:fs/promises";
import { PRODUCERS } from "@supergraph/contracts";
import { type Bus, connectNats } from "@supergraph/messaging";
import { findNatsServer } from "@supergraph/messaging/nats-server";
import { eventually, WITHOUT_NATS } from "@supergraph/testing";
import { connect, type NatsConnection } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { jetStream, type NatsNodes, natsNodes } from "../../packages/messaging/src/nats/testing/nats-nodes.ts";
import { aMessage, quietLog, recorder } from "../../packages/messaging/src/testing/messages.ts";
import { permissionsOf } from "../../scripts/event-docs/broker-users.ts";
import { contracts, readers } from "../../scripts/event-docs/sources.ts";

const without = findNatsServer() === null ? ` (${WITHOUT_NATS})` : "";
const CHART_USERS = new URL("../../deploy/k8s/nats/users.yaml", import.meta.url);
const CONFIG = new URL("../../deploy/compose/nats/nats.conf", import.meta.url);
const passwordOf = (user: string): string => `password-of-${user}`;

const passwords = ["operator", ...PRODUCERS]
  .map((user) => `${user.toUpperCase()}_PASSWORD: "${passwordOf(user)}"\n`)
  .join("");

/** That of docker-compose.yml, but for its addresses and folders. */
const configOfCompose = async (nodes: NatsNodes): Promise<string> => {
  const text = await readFile(CONFIG, "utf8");
  const rest = text
    .replace(/^(server_name|listen|http|include)\b.*$/gm, "")
    .replace(/^jetstream \{[^}]*\}$/m, jetStream(nodes, "shop"));
  return `${passwords}${rest}`;
};

/** What the chart of NATS makes of the values for Kubernetes: JSON, with what stands in `<< >>` as it is. */
const configOfKubernetes = async (nodes: NatsNodes): Promise<string> => {
  const { config } = parse(await readFile(CHART_USERS, "utf8")) as { config: { merge: object } };
  const merged = Object.entries(config.merge)
    .map(([name, value]) => `${name}: ${JSON.stringify(value).replaceAll(/"<<\s*(\S+)\s*>>"/g, "$1")}\n`)
    .join("");
  return `${passwords}${jetStream(nodes, "shop")}${merged}`;
};

describe("the users of docker-compose.yml", () => {
  it.each(PRODUCERS)("have of %s the permissions that the tables of subscriptions ask for", async (service) => {
    const text = await readFile(CONFIG, "utf8");
    const [, block = ""] =
      new RegExp(`user: ${service}\\b([\\s\\S]*?)subscribe: \\{ allow: \\[[^\\]]*`).exec(text) ?? [];
    const [, subscribe = ""] =
      new RegExp(`user: ${service}\\b[\\s\\S]*?subscribe: \\{ allow: \\[([^\\]]*)`).exec(text) ?? [];
    const quoted = (part: string) => [...part.matchAll(/"([^"]+)"/g)].map(([, subject]) => subject).sort();
    const expected = permissionsOf(service);
    expect(quoted(block)).toEqual([...expected.publish].sort());
    expect(quoted(subscribe)).toEqual([...expected.subscribe].sort());
  });
});

describe.skipIf(without !== "").each([
  ["docker-compose.yml", configOfCompose],
  ["Kubernetes", configOfKubernetes],
] as const)(`the broker of %s${without}`, (_name, configOf) => {
  let nodes: NatsNodes;
  let host: string;
  const buses = new Map<string, Bus>();
  const connections: NatsConnection[] = [];

  const openBus = (user: string): Promise<Bus> =>
    connectNats({
      servers: `nats://${user}:${passwordOf(user)}@${host}`,
      producers: PRODUCERS,
      name: user,
      log: quietLog,
    });

  const openAs = async (user: string): Promise<NatsConnection> => {
    const connection = await connect({
      servers: host,
      user,
      pass: passwordOf(user),
      inboxPrefix: `_INBOX_${user}`,
      timeout: 5_000,
    });
    connections.push(connection);
    return connection;
  };

  beforeAll(async () => {
    nodes = await natsNodes();
    const { port } = await nodes.start({ name: "shop", config: await configOf(nodes) });
    host = `127.0.0.1:${port}`;
    const operator = await openBus("operator");
    await operator.stop();
    for (const service of PRODUCERS) buses.set(service, await openBus(service));
  });
  afterAll(async () => {
    await Promise.all([...buses.values()].map((bus) => bus.stop()));
    await Promise.all(connections.map((connection) => connection.close()));
    await nodes?.stop();
  });

  it("lets every service hear all that it handles, of whom it is sent", async () => {
    const heard = await Promise.all(
      readers()
        .filter(({ durable }) => durable)
        .map(async ({ service, subject }) => {
          const consumer = recorder(undefined, { service, subject });
          await buses.get(service)?.consume(consumer);
          return { service, subject, consumer };
        }),
    );
    const live = readers().find(({ durable }) => !durable);
    const viewed: string[] = [];
    await buses.get(live?.service ?? "")?.tail([live?.subject ?? ""], ({ envelope }) => viewed.push(envelope.id));

    for (const { producer, subject } of contracts)
      await buses.get(producer)?.publish(aMessage(`of ${subject}`, { subject }));

    await eventually(() => {
      for (const { subject, consumer } of heard) expect(consumer.seen).toEqual([`of ${subject}#1`]);
      expect(viewed).toEqual([`of ${live?.subject}`]);
    });
  });

  it("lets a service bury what it cannot handle", async () => {
    const letter = aMessage("dead-1", { subject: "dlq.orders.orders-products-stock-reserved-v1" });
    await buses.get("orders")?.publish(letter);
    const operator = await openAs("operator");
    const { state } = await (await operator.jetstreamManager()).streams.info("DLQ");
    expect(state.messages).toBe(1);
  });

  it("lets a service bring up its own stream again, once it is lost", async () => {
    const manager = await (await openAs("operator")).jetstreamManager();
    await manager.streams.delete("USERS");
    await eventually(() => buses.get("users")?.publish(aMessage("again-1", { subject: "users.user.registered.v1" })));
    expect((await manager.streams.info("USERS")).state.messages).toBe(1);
  });

  it.each([
    ["users", "orders.payment.capture.v1"],
    ["products", "payments.payment.captured.v1"],
    ["orders", "payments.payment.captured.v1"],
    ["payments", "orders.order.paid.v1"],
    ["payments", "dlq.orders.orders-products-stock-reserved-v1"],
  ])("takes nothing of %s under %s", async (service, subject) => {
    const connection = await openAs(service);
    await expect(connection.jetstream().publish(subject, "{}", { timeout: 2_000 })).rejects.toMatchObject({
      code: "PERMISSIONS_VIOLATION",
    });
  });

  it.each([
    ["deletes its own stream", "users", "$JS.API.STREAM.DELETE.USERS"],
    ["deletes another's stream", "payments", "$JS.API.STREAM.DELETE.ORDERS"],
    ["empties another's stream", "orders", "$JS.API.STREAM.PURGE.PAYMENTS"],
    ["reads another's messages past its own consumers", "users", "$JS.API.STREAM.MSG.GET.PAYMENTS"],
    ["makes a consumer of what it does not handle", "users", "$JS.API.CONSUMER.CREATE.PAYMENTS.mine.payments.>"],
    ["removes another's consumer", "users", "$JS.API.CONSUMER.DELETE.ORDERS.payments-orders-payment-capture-v1"],
    ["takes another's messages", "users", "$JS.API.CONSUMER.MSG.NEXT.ORDERS.payments-orders-payment-capture-v1"],
    ["acknowledges another's messages", "users", "$JS.ACK.ORDERS.payments-orders-payment-capture-v1.1.1.1.1.0"],
  ])("lets no service do what is not its own: %s", async (_, service, subject) => {
    const connection = await openAs(service);
    await expect(connection.request(subject, "{}", { timeout: 2_000 })).rejects.toMatchObject({
      code: "PERMISSIONS_VIOLATION",
    });
  });

  it.each([
    ["users", "orders.>"],
    ["products", "payments.payment.captured.v1"],
    ["payments", "_INBOX.>"],
    ["payments", "_INBOX_orders.>"],
    ["orders", ">"],
  ])("lets %s not listen to %s", async (service, subject) => {
    const connection = await openAs(service);
    const refused = new Promise<unknown>((resolve) => {
      connection.subscribe(subject, { callback: (error) => resolve(error) });
    });
    expect(await refused).toMatchObject({ code: "PERMISSIONS_VIOLATION" });
  });

  it("lets nobody in without a password", async () => {
    await expect(connect({ servers: host, user: "orders", pass: "orders" })).rejects.toMatchObject({
      code: "AUTHORIZATION_VIOLATION",
    });
    await expect(connect({ servers: host })).rejects.toMatchObject({ code: "AUTHORIZATION_VIOLATION" });
  });
});
