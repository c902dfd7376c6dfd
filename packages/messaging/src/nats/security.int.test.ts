import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, WITHOUT_NATS } from "@supergraph/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bus } from "../bus.ts";
import { findNatsServer } from "../nats-server.ts";
import { aMessage, quietLog, recorder } from "../testing/messages.ts";
import { connectNats } from "./bus.ts";
import type { NatsOptions } from "./options.ts";
import { createAuthority, hasOpenssl } from "./testing/certificates.ts";
import { jetStream, type NatsNode, type NatsNodes, natsNodes } from "./testing/nats-nodes.ts";
import { createOperatorMode } from "./testing/operator.ts";

const without = findNatsServer() === null ? ` (${WITHOUT_NATS})` : "";
const withoutOpenssl = hasOpenssl() ? without : " (NOT TESTED: no openssl on the PATH)";

describe.skipIf(without !== "")(`who may use the broker${without}`, () => {
  let nodes: NatsNodes;
  const buses: Bus[] = [];

  beforeEach(async () => {
    nodes = await natsNodes();
  });
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.stop()));
    await nodes.stop();
  });

  const open = async (options: Partial<NatsOptions> & Pick<NatsOptions, "servers">): Promise<Bus> => {
    const bus = await connectNats({ log: quietLog, connectTimeoutMs: 5_000, ...options });
    buses.push(bus);
    return bus;
  };

  const startNode = (config: string): Promise<NatsNode> =>
    nodes.start({ name: "n1", config: `${jetStream(nodes, "n1")}${config}` });

  const expectToWork = async (bus: Bus): Promise<void> => {
    const consumer = recorder();
    await bus.consume(consumer);
    await bus.publish(aMessage("evt_1"));
    await eventually(() => expect(consumer.seen).toEqual(["evt_1#1"]));
  };

  it("is whoever knows the user's password, in the URL or beside it", async () => {
    const { port } = await startNode("authorization { user: shop, password: 'p@ss:w/rd' }\n");
    await expectToWork(await open({ servers: `nats://shop:${encodeURIComponent("p@ss:w/rd")}@127.0.0.1:${port}` }));
    await open({ servers: `nats://127.0.0.1:${port}`, user: "shop", pass: "p@ss:w/rd" });
    for (const servers of [`nats://127.0.0.1:${port}`, `nats://shop:wrong@127.0.0.1:${port}`])
      await expect(open({ servers, connectTimeoutMs: 60_000 })).rejects.toMatchObject({
        code: "NATS_REFUSED_CREDENTIALS",
        message: expect.not.stringContaining("wrong"),
      });
  });

  it("is whoever knows the token", async () => {
    const { port } = await startNode("authorization { token: s3cret }\n");
    await expectToWork(await open({ servers: `nats://s3cret@127.0.0.1:${port}` }));
    await expect(open({ servers: `nats://other@127.0.0.1:${port}` })).rejects.toMatchObject({
      code: "NATS_REFUSED_CREDENTIALS",
    });
  });

  describe("with credentials files of an operator", () => {
    it("is whom the operator's account vouches for, also after the file was replaced", async () => {
      const operator = await createOperatorMode();
      const node = await startNode(operator.config);
      const credentialsFile = join(nodes.directory, "orders.creds");
      await writeFile(credentialsFile, await operator.credentials("orders"));
      const bus = await open({ servers: `nats://127.0.0.1:${node.port}`, credentialsFile });
      await expectToWork(bus);

      await rm(credentialsFile);
      await writeFile(credentialsFile, await operator.credentials("orders, renewed"));
      await node.kill();
      await node.startAgain();
      await eventually(() => bus.publish(aMessage("evt_2")), { timeoutMs: 20_000 });
    });

    it("is nobody of another account, nor without a file", async () => {
      const operator = await createOperatorMode();
      const { port } = await startNode(operator.config);
      const credentialsFile = join(nodes.directory, "stranger.creds");
      await writeFile(credentialsFile, await operator.foreignCredentials());
      const servers = `nats://127.0.0.1:${port}`;
      for (const options of [{ credentialsFile }, {}])
        await expect(open({ servers, ...options })).rejects.toMatchObject({ code: "NATS_REFUSED_CREDENTIALS" });
    });

    it.each([
      ["is not there", null, /missing\.creds cannot be read: ENOENT/],
      ["holds something else", "hello", /missing\.creds is no \.creds file/],
    ])("says which file it is that %s", async (_, text, expected) => {
      const credentialsFile = join(nodes.directory, "missing.creds");
      if (text !== null) await writeFile(credentialsFile, text);
      const failure = open({ servers: "nats://127.0.0.1:1", credentialsFile });
      await expect(failure).rejects.toMatchObject({ code: "NATS_FILE_UNUSABLE" });
      await expect(failure).rejects.toThrow(expected);
    });
  });

  it("is told when there is no JetStream, on the server or for the account", async () => {
    const plain = await nodes.start({ name: "n1", config: "" });
    await expect(open({ servers: `nats://127.0.0.1:${plain.port}` })).rejects.toMatchObject({
      code: "NATS_WITHOUT_JETSTREAM",
    });
    const accounts = `${jetStream(nodes, "n2")}accounts { A: { users: [{ user: a, password: a }] } }\nno_auth_user: a\n`;
    const other = await nodes.start({ name: "n2", config: accounts });
    await expect(open({ servers: `nats://127.0.0.1:${other.port}` })).rejects.toMatchObject({
      code: "NATS_WITHOUT_JETSTREAM",
    });
  });

  describe.skipIf(withoutOpenssl !== "")(`over TLS${withoutOpenssl}`, () => {
    const setUp = async ({ verify, names = "IP:127.0.0.1,DNS:localhost" }: { verify: boolean; names?: string }) => {
      const authority = await createAuthority(nodes.directory, "authority");
      const server = await authority.issue("server", names);
      const files = `cert_file: "${server.certFile}", key_file: "${server.keyFile}", ca_file: "${authority.caFile}"`;
      const node = await startNode(`tls { ${files}, verify: ${verify} }\n`);
      return { authority, servers: `tls://127.0.0.1:${node.port}`, caFile: authority.caFile };
    };

    it("believes a server whose authority it was given, and takes the same connection up again", async () => {
      const { servers, caFile } = await setUp({ verify: false });
      await expectToWork(await open({ servers, tls: { caFile } }));
      await open({ servers: servers.replace("tls:", "nats:"), tls: { caFile } });
    });

    it("believes nobody else: an authority that it does not know, or a name that is not the server's", async () => {
      const { servers } = await setUp({ verify: false, names: "DNS:broker.example" });
      const stranger = await createAuthority(nodes.directory, "stranger");
      for (const tls of [undefined, { caFile: stranger.caFile }, { caFile: join(nodes.directory, "authority.pem") }]) {
        const failure = open({ servers, tls, connectTimeoutMs: 60_000 });
        await expect(failure).rejects.toMatchObject({ code: "NATS_TLS_FAILED" });
        await expect(failure).rejects.toThrow(/NATS_TLS_CA_FILE/);
      }
    });

    it("shows its own certificate where the server asks for one, and is refused without", async () => {
      const { servers, caFile, authority } = await setUp({ verify: true });
      const client = await authority.issue("orders", "DNS:orders");
      await expectToWork(await open({ servers, tls: { caFile, ...client } }));
      const stranger = await (await createAuthority(nodes.directory, "stranger")).issue("intruder", "DNS:orders");
      for (const tls of [{ caFile }, { caFile, ...stranger }]) {
        const failure = open({ servers, tls, connectTimeoutMs: 1_000 });
        await expect(failure).rejects.toMatchObject({ code: "NATS_UNREACHABLE" });
        await expect(failure).rejects.toThrow(/NATS_TLS_CERT_FILE/);
      }
    });

    it.each([
      ["caFile", { caFile: "/nowhere/ca.pem" }],
      ["certFile", { certFile: "/nowhere/cert.pem", keyFile: "/nowhere/key.pem" }],
    ])("says which file cannot be read: %s", async (_, tls) => {
      const failure = open({ servers: "tls://127.0.0.1:1", tls });
      await expect(failure).rejects.toMatchObject({ code: "NATS_FILE_UNUSABLE" });
      await expect(failure).rejects.toThrow(/\/nowhere\/\w+\.pem cannot be read: ENOENT/);
    });
  });
});
