import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { SubgraphAnswer } from "./call.ts";
import { rawResponse, startRawServer } from "./testing/raw-server.ts";
import { aClient, aContext, mutation, query, respond, startTestSubgraph } from "./testing/subgraph.ts";

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

const JSON_TYPE = "content-type: application/json";

/** How a query ends that is answered by what `write` writes, of at most 100,000 bytes. */
const askRaw = async (write: (socket: Socket) => void, settings: object = {}): Promise<SubgraphAnswer> => {
  const server = await startRawServer(write);
  const client = aClient([server.url], { maxResponseBytes: 100_000, retries: 0, ...settings });
  cleanup.push(
    () => server.stop(),
    () => client.close(),
  );
  return client.call(query, aContext());
};

const failed = (failure: string) => ({ kind: "failed", failure });
const write = (text: string | Buffer) => (socket: Socket) => void socket.write(text);

/** Writes `chunk` as fast as it is taken, for as long as the connection lasts. */
const writeWithoutEnd = (head: string, chunk: string) => (socket: Socket) => {
  const pour = () => {
    while (!socket.destroyed && socket.write(chunk));
    if (!socket.destroyed) socket.once("drain", pour);
  };
  socket.write(head);
  pour();
};

describe("a response", () => {
  it("may come in pieces, cut anywhere", async () => {
    const text = rawResponse(`{"data":{"title":"Żółć – ☃"}}`, [JSON_TYPE]);
    const answer = await askRaw((socket) => {
      socket.setNoDelay(true);
      const bytes = Buffer.from(text);
      const writeFrom = (index: number) => {
        if (index < bytes.length)
          socket.write(bytes.subarray(index, index + 1), () => setImmediate(writeFrom, index + 1));
      };
      writeFrom(0);
    });
    expect(answer).toEqual({ kind: "answered", response: { data: { title: "Żółć – ☃" } } });
  });

  it("may be of single bytes in chunks of their own", async () => {
    const body = `{"data":{"title":"${"x".repeat(5_000)}"}}`;
    const chunked = [...body].map((character) => `1\r\n${character}\r\n`).join("");
    const answer = await askRaw(write(rawResponse(`${chunked}0\r\n\r\n`, [JSON_TYPE, "transfer-encoding: chunked"])));
    expect(answer).toEqual({ kind: "answered", response: { data: { title: "x".repeat(5_000) } } });
  });

  it("may follow early hints", async () => {
    const hints = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";
    expect(await askRaw(write(hints + rawResponse(`{"data":{}}`, [JSON_TYPE])))).toMatchObject({ kind: "answered" });
  });

  it("may end with the connection", async () => {
    const answer = await askRaw((socket) => socket.end(rawResponse(`{"data":{}}`, [JSON_TYPE, "connection: close"])));
    expect(answer).toMatchObject({ kind: "answered" });
  });

  it.each([
    ["HTML", rawResponse("<html>", ["content-type: text/html"])],
    ["no type", rawResponse(`{"data":{}}`, [])],
    ["half a JSON", rawResponse(`{"data":{`, [JSON_TYPE])],
    ["nothing", rawResponse("", [JSON_TYPE])],
    ["no content", "HTTP/1.1 204 No Content\r\n\r\n"],
    ["nothing new", "HTTP/1.1 304 Not Modified\r\n\r\n"],
    ["another place", rawResponse("", ["location: http://127.0.0.1:1/"], "307 Temporary Redirect")],
    ["a refusal", rawResponse("no", ["content-type: text/plain"], "403 Forbidden")],
    ["what is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["two different lengths", rawResponse(`{"data":{}}`, [JSON_TYPE, "content-length: 11", "content-length: 12"])],
    ["a length and chunks", rawResponse("", [JSON_TYPE, "content-length: 11", "transfer-encoding: chunked"])],
    ["a chunk of no size", rawResponse("zz\r\n", [JSON_TYPE, "transfer-encoding: chunked"])],
    ["headers without end", `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\nx-a: ${"a".repeat(200_000)}`],
    ["many headers", rawResponse("{}", [JSON_TYPE, ...Array.from({ length: 9_000 }, (_, index) => `x-${index}: a`)])],
    ["a body announced too large", rawResponse("", [JSON_TYPE, "content-length: 1000000000"])],
  ])("that has %s is told from an answer", async (_, text) => {
    expect(await askRaw(write(text))).toEqual(failed("SUBGRAPH_INVALID_RESPONSE"));
  });

  it("is not read where it is encoded: nothing was accepted, and little can become much", async () => {
    const bomb = gzipSync(`{"data":{"title":"${"x".repeat(5_000_000)}"}}`);
    const head = rawResponse("", [JSON_TYPE, "content-encoding: gzip", `content-length: ${bomb.length}`]);
    expect(await askRaw(write(Buffer.concat([Buffer.from(head), bomb])))).toEqual(failed("SUBGRAPH_INVALID_RESPONSE"));
  });

  it("is not read where it is not UTF-8", async () => {
    const body = Buffer.concat([Buffer.from(`{"data":{"title":"`), Buffer.from([0xc3, 0x28]), Buffer.from(`"}}`)]);
    const head = rawResponse("", [JSON_TYPE, `content-length: ${body.length}`]);
    expect(await askRaw(write(Buffer.concat([Buffer.from(head), body])))).toEqual(failed("SUBGRAPH_INVALID_RESPONSE"));
  });

  it.each([
    ["that could be GraphQL", JSON_TYPE],
    ["that is none", "content-type: text/html"],
  ])("is cut off beyond its bytes, without end, %s", async (_, type) => {
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const head = `HTTP/1.1 200 OK\r\n${type}\r\ntransfer-encoding: chunked\r\n\r\n`;
    const server = await startRawServer(writeWithoutEnd(head, chunk));
    const client = aClient([server.url], { maxResponseBytes: 100_000 });
    cleanup.push(
      () => server.stop(),
      () => client.close(),
    );
    expect(await client.call(query, aContext())).toEqual(failed("SUBGRAPH_INVALID_RESPONSE"));
  });

  it.each([
    ["a head that never ends", (socket: Socket) => drip(socket, "HTTP/1.1 200 OK\r\n", "x-a: a\r\n")],
    ["hints that never end", (socket: Socket) => drip(socket, "", "HTTP/1.1 103 Early Hints\r\n\r\n")],
    [
      "a body that drips",
      (socket: Socket) =>
        drip(socket, `HTTP/1.1 200 OK\r\n${JSON_TYPE}\r\ntransfer-encoding: chunked\r\n\r\n`, "1\r\n \r\n"),
    ],
    [
      "a page that drips",
      (socket: Socket) =>
        drip(socket, "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9000\r\n\r\n", "x"),
    ],
    ["nothing at all", () => undefined],
  ])("is given up after its time with %s", async (_, misbehave) => {
    expect(await askRaw(misbehave, { timeoutMs: 150, maxResponseBytes: 10_000 })).toEqual(failed("SUBGRAPH_TIMEOUT"));
  });

  it("that breaks off is no answer", async () => {
    const half = (socket: Socket) => socket.end(rawResponse(`{"data":{}}`, [JSON_TYPE, "content-length: 500"]));
    expect(await askRaw(half)).toEqual(failed("SUBGRAPH_UNAVAILABLE"));
  });

  it("of another request is never taken for this one's", async () => {
    const two =
      rawResponse(`{"data":{"title":"mine"}}`, [JSON_TYPE]) + rawResponse(`{"data":{"title":"forged"}}`, [JSON_TYPE]);
    const server = await startRawServer(write(two));
    const client = aClient([server.url], { timeoutMs: 200, retries: 1, deduplicate: false });
    cleanup.push(
      () => server.stop(),
      () => client.close(),
    );
    const titles = [await client.call(query, aContext()), await client.call(query, aContext())];
    expect(JSON.stringify(titles)).not.toContain("forged");
  });
});

/** Writes `again` each time that the event loop turns, for as long as the connection lasts. */
const drip = (socket: Socket, head: string, again: string): void => {
  socket.write(head);
  const timer = setInterval(() => socket.write(again), 10);
  socket.once("close", () => clearInterval(timer));
};

describe("a connection", () => {
  it("is used again after an answer, after a short page, and not after what was cut off", async () => {
    const ports: (number | undefined)[] = [];
    const bodies: { body: string; headers: Record<string, string> }[] = [
      { body: `{"data":{}}`, headers: {} },
      { body: "<html>", headers: { "content-type": "text/html" } },
      { body: "x".repeat(20_000), headers: { "content-type": "text/html" } },
      { body: `{"data":{}}`, headers: {} },
    ];
    const subgraph = await startTestSubgraph((response, request, count) => {
      ports.push(request.socket.remotePort);
      respond(response, bodies[count - 1]?.body ?? "", bodies[count - 1]);
    });
    const client = aClient([subgraph.url]);
    cleanup.push(
      () => subgraph.stop(),
      () => client.close(),
    );
    for (const _ of bodies) {
      await client.call(query, aContext());
      // A connection is free once the event loop has turned.
      await turn();
    }
    expect([ports[1] === ports[0], ports[2] === ports[1], ports[3] === ports[2]]).toEqual([true, true, false]);
  });

  it("is closed when a call is given up", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const subgraph = await startTestSubgraph((_, request) => {
      closed = once(request.socket, "close");
    });
    const client = aClient([subgraph.url], { timeoutMs: 100 });
    cleanup.push(
      () => subgraph.stop(),
      () => client.close(),
    );
    expect(await client.call(mutation, aContext())).toEqual(failed("OUTCOME_UNKNOWN"));
    await closed;
  });
});
