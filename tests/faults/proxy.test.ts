import { once } from "node:events";
import { createServer, connect as openSocket, type Socket } from "node:net";
import { eventually } from "@supergraph/testing";
import { expect, it, onTestFinished } from "vitest";
import { startProxy } from "./proxy.ts";

/** A server that answers what it gets, and a proxy before it. */
const anEchoBehindAProxy = async () => {
  const atServer: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    atServer.push(socket);
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server listens on no port.");
  const proxy = await startProxy(address.port);
  onTestFinished(async () => {
    await proxy.stop();
    for (const socket of atServer) socket.destroy();
    server.close();
  });
  return { proxy, server, atServer };
};

interface Client {
  readonly socket: Socket;
  received(): string;
  /** The code of the error that the connection ended by, or "end". */
  readonly ended: Promise<string>;
}

const connectTo = (port: number): Client => {
  const socket = openSocket({ host: "127.0.0.1", port });
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  const ended = new Promise<string>((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once("end", () => resolve("end"));
  });
  onTestFinished(() => {
    socket.destroy();
  });
  return { socket, received: () => received, ended };
};

const aConversation = async () => {
  const { proxy, server, atServer } = await anEchoBehindAProxy();
  const client = connectTo(proxy.port);
  client.socket.write("hello ");
  await eventually(() => expect(client.received()).toBe("hello "));
  return { proxy, server, atServer, client };
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it("passes both directions on, and counts connections and bytes", async () => {
  const { proxy, client } = await aConversation();
  expect(proxy.counts()).toMatchObject({ connections: 1, open: 1, bytes: 12, heldBytes: 0, resets: 0 });
  client.socket.end();
  expect(await client.ended).toBe("end");
  await eventually(() => expect(proxy.counts().open).toBe(0));
});

it("passes large data on whole and in order", async () => {
  const { proxy } = await anEchoBehindAProxy();
  const client = connectTo(proxy.port);
  const text = Array.from({ length: 300_000 }, (_, index) => `${index};`).join("");
  client.socket.end(text);
  expect(await client.ended).toBe("end");
  expect(client.received()).toBe(text);
});

it("lets everything arrive later, in order, with latency", async () => {
  const { proxy, client } = await aConversation();
  proxy.latency(150);
  const sentAt = performance.now();
  client.socket.write("slow ");
  client.socket.write("world");
  await eventually(() => expect(client.received()).toBe("hello slow world"));
  expect(performance.now() - sentAt).toBeGreaterThan(290);
});

it("keeps connections through a black hole, and delivers afterwards what was held", async () => {
  const { proxy, client } = await aConversation();
  proxy.blackHole();
  client.socket.write("late");
  await eventually(() => expect(proxy.counts().heldBytes).toBe(4));
  const second = connectTo(proxy.port);
  second.socket.write("too");
  await eventually(() => expect(proxy.counts().heldBytes).toBe(7));
  await pause(50);
  expect([client.received(), second.received()]).toEqual(["hello ", ""]);
  proxy.heal();
  await eventually(() => expect([client.received(), second.received()]).toEqual(["hello late", "too"]));
  expect(proxy.counts()).toMatchObject({ heldBytes: 0, open: 2 });
});

it("resets connections as a dying machine does, and takes new ones", async () => {
  const { proxy, client, atServer } = await aConversation();
  proxy.reset();
  expect(await client.ended).toBe("ECONNRESET");
  await eventually(() => expect(atServer[0]?.destroyed).toBe(true));
  expect(proxy.counts()).toMatchObject({ open: 0, resets: 1 });
  const next = connectTo(proxy.port);
  next.socket.write("again");
  await eventually(() => expect(next.received()).toBe("again"));
});

it("drops the server's side of half-open connections and tells no client, until packets arrive again", async () => {
  const { proxy, client, atServer } = await aConversation();
  proxy.halfOpen();
  await eventually(() => expect(atServer[0]?.destroyed).toBe(true));
  client.socket.write("nobody hears");
  await eventually(() => expect(proxy.counts().lostBytes).toBe(12));
  expect(client.socket.destroyed).toBe(false);
  proxy.heal();
  client.socket.write("this");
  expect(await client.ended).toBe("ECONNRESET");
});

it("refuses new connections and ends old ones", async () => {
  const { proxy, client } = await aConversation();
  proxy.refuse();
  expect(await client.ended).toBe("ECONNRESET");
  const refused = connectTo(proxy.port);
  expect(await refused.ended).toBe("ECONNRESET");
  proxy.heal();
  const next = connectTo(proxy.port);
  next.socket.write("again");
  await eventually(() => expect(next.received()).toBe("again"));
});

it("resets the client when the server is not there", async () => {
  const { proxy, server, atServer, client } = await aConversation();
  server.close();
  for (const socket of atServer) socket.resetAndDestroy();
  expect(await client.ended).toBe("ECONNRESET");
  const next = connectTo(proxy.port);
  expect(await next.ended).toBe("ECONNRESET");
});
