import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { eventually } from "@supergraph/testing/eventually";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpRequest, type HttpServer, json, ListenError, type Route, startHttpServer } from "./http.ts";
import { silentLogger } from "./log.ts";

const MAX_BODY_BYTES = 1_000;

let server: HttpServer | undefined;

afterEach(async () => {
  await server?.stop({ drainMs: 0 });
  server = undefined;
});

const serve = async (
  routes: readonly Route[],
  log = silentLogger(),
  { idleGraceMs }: { idleGraceMs?: number } = {},
): Promise<HttpServer> => {
  const where = { host: "127.0.0.1", port: 0 };
  server = await startHttpServer({ ...where, maxBodyBytes: MAX_BODY_BYTES, routes, idleGraceMs, log });
  return server;
};

const echo: Route = {
  method: "POST",
  path: "/echo",
  handle: async ({ body }) => json(200, { received: body.toString() }),
};

/** Sends text as it stands, and answers all that came until the connection ended. */
const raw = async ({ port }: HttpServer, text: string): Promise<string> => {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("utf8").end(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
};

const deferred = <T = void>() => {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

const textOf = async (response: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return text;
};

describe("routing", () => {
  const get: Route = { method: "GET", path: "/thing", handle: async () => json(200, { a: 1 }) };

  it("answers 404 where there is nothing, in the shape of a GraphQL error", async () => {
    const { url } = await serve([echo]);
    const response = await fetch(`${url}/nothing`, { method: "POST", body: "x" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
  });

  it("answers 405 to another method, and tells which are allowed", async () => {
    const { url } = await serve([get, { ...echo, path: "/thing" }]);
    const response = await fetch(`${url}/thing`, { method: "DELETE" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, POST");
  });

  it("answers HEAD as GET, without the body", async () => {
    const { url } = await serve([get]);
    const response = await fetch(`${url}/thing`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-length")).toBe("7");
    expect(await response.text()).toBe("");
  });

  it("ends a stream that HEAD has no use for", async () => {
    const ended = deferred();
    const endless: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => undefined),
        return: async () => {
          ended.resolve();
          return { done: true, value: undefined };
        },
      }),
    };
    const { url } = await serve([{ ...get, handle: async () => ({ status: 200, body: endless }) }]);
    expect((await fetch(`${url}/thing`, { method: "HEAD" })).status).toBe(200);
    await ended.promise;
  });

  it("matches a prefix, and gives the path and the query apart", async () => {
    const seen: string[] = [];
    const { url } = await serve([
      {
        method: "*",
        path: "/files/*",
        handle: async (it) => {
          seen.push(`${it.method} ${it.url.pathname} ${it.url.search}`);
          return { status: 204 };
        },
      },
    ]);
    expect((await fetch(`${url}/files/a%2Fb?c=d`, { method: "PUT" })).status).toBe(204);
    expect((await fetch(`${url}/filesystem`)).status).toBe(404);
    expect(seen).toEqual(["PUT /files/a%2Fb ?c=d"]);
  });

  it.each([
    ["a target that names a host", "GET //evil.example/thing HTTP/1.1", "404"],
    ["a target that climbs out of a prefix", "GET /files/../../etc HTTP/1.1", "404"],
    ["a whole URL", "GET http://elsewhere.example/thing HTTP/1.1", "200"],
    ["no path at all", "OPTIONS * HTTP/1.1", "400"],
    ["a URL that is none", "GET http://[ HTTP/1.1", "400"],
    ["a length and chunks at once", "POST /thing HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked", "400"],
    ["two lengths", "POST /thing HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4", "400"],
  ])("takes %s for no more than it is", async (_, head, status) => {
    const running = await serve([get, { ...get, path: "/files/*" }]);
    const answer = await raw(running, `${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});

describe("a body", () => {
  it("is given whole, up to the limit", async () => {
    const { url } = await serve([echo]);
    const body = "x".repeat(MAX_BODY_BYTES);
    const response = await fetch(`${url}/echo`, { method: "POST", body });
    expect(await response.json()).toEqual({ received: body });
  });

  it("is empty where none was sent", async () => {
    const { url } = await serve([echo]);
    expect(await (await fetch(`${url}/echo`, { method: "POST" })).json()).toEqual({ received: "" });
  });

  it.each([
    ["announced", (size: number) => Buffer.alloc(size)],
    ["sent in chunks", (size: number) => Readable.from([Buffer.alloc(size)])],
  ])("that is too large is refused with 413 when %s", async (_, make) => {
    const { url } = await serve([echo]);
    const body = make(MAX_BODY_BYTES + 1);
    const response = await fetch(`${url}/echo`, { method: "POST", body, duplex: "half" });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "PAYLOAD_TOO_LARGE" } }] });
  });

  it("that breaks off is no failure of ours, and the next request is served", async () => {
    const lines: string[] = [];
    const running = await serve([echo], pino({}, { write: (line) => lines.push(line) }));
    await raw(running, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nonly this");
    expect((await fetch(`${running.url}/echo`, { method: "POST", body: "x" })).status).toBe(200);
    expect(lines).toEqual([]);
  });
});

describe("a route that fails", () => {
  it("is answered with 500 and no detail, which is in the log", async () => {
    const lines: string[] = [];
    const { url } = await serve(
      [{ ...echo, handle: () => Promise.reject(new Error("the password is hunter2")) }],
      pino({}, { write: (line) => lines.push(line) }),
    );
    const response = await fetch(`${url}/echo?token=abc`, { method: "POST" });
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).toContain("INTERNAL_SERVER_ERROR");
    expect(text).not.toContain("hunter2");
    expect(lines.join()).toContain("hunter2");
    expect(lines.join()).not.toContain("token=abc");
  });

  it("cannot write a header of its own into the answer through a value", async () => {
    const { url } = await serve([
      { ...echo, handle: async () => json(200, {}, { location: "/a\r\nset-cookie: stolen=1" }) },
    ]);
    const response = await fetch(`${url}/echo`, { method: "POST" });
    expect(response.status).toBe(500);
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  it("has its answer cut when that breaks half-way", async () => {
    const { url } = await serve([
      {
        ...echo,
        async handle() {
          return {
            status: 200,
            body: (async function* () {
              yield "half";
              throw new Error("no more");
            })(),
          };
        },
      },
    ]);
    const response = await fetch(`${url}/echo`, { method: "POST" });
    await expect(response.text()).rejects.toThrow();
  });
});

describe("a client that leaves", () => {
  it("aborts the request, and ends the stream that it read", async () => {
    const aborted = deferred();
    const ended = deferred();
    const { url } = await serve([
      {
        ...echo,
        async handle({ signal }: HttpRequest) {
          signal.addEventListener("abort", () => aborted.resolve());
          return {
            status: 200,
            body: (async function* () {
              try {
                for (;;) {
                  yield "tick\n";
                  await new Promise(setImmediate);
                }
              } finally {
                ended.resolve();
              }
            })(),
          };
        },
      },
    ]);
    const leave = new AbortController();
    const response = await fetch(`${url}/echo`, { method: "POST", signal: leave.signal });
    await response.body?.getReader().read();
    leave.abort();
    await Promise.all([aborted.promise, ended.promise]);
  });

  it("before its answer is ready has the stream ended all the same", async () => {
    const asked = deferred();
    const gone = deferred();
    const ended = deferred();
    const { port } = await serve([
      {
        ...echo,
        async handle({ signal }: HttpRequest) {
          signal.addEventListener("abort", () => gone.resolve());
          asked.resolve();
          await gone.promise;
          const body: AsyncIterable<string> = {
            [Symbol.asyncIterator]: () => ({
              next: () => new Promise<never>(() => undefined),
              return: async () => {
                ended.resolve();
                return { done: true, value: undefined };
              },
            }),
          };
          return { status: 200, body };
        },
      },
    ]);
    const client = request({ port, path: "/echo", method: "POST" }).on("error", () => undefined);
    client.end();
    await asked.promise;
    client.destroy();
    await ended.promise;
  });
});

/** Waits until nobody can connect any more: who does so in the moment of a stop is still accepted. */
const refused = (port: number) =>
  eventually(async () => {
    const socket = connect(port, "127.0.0.1");
    const outcome = await Promise.race([
      once(socket, "connect").then(() => "connected"),
      once(socket, "error").then(() => "refused"),
    ]).catch(() => "refused");
    socket.destroy();
    expect(outcome).toBe("refused");
  });

describe("stopping", () => {
  it("lets a request in flight finish, closes its connection, and takes no new one", async () => {
    const asked = deferred();
    const release = deferred();
    const running = await serve([
      {
        ...echo,
        async handle() {
          asked.resolve();
          await release.promise;
          return json(200, { done: true });
        },
      },
    ]);
    const answered = fetch(`${running.url}/echo`, { method: "POST" });
    await asked.promise;
    const stopped = running.stop();
    await refused(running.port);
    release.resolve();
    expect(await (await answered).json()).toEqual({ done: true });
    await stopped;
  });

  it("closes a connection that would be kept alive once its request was answered", async () => {
    const asked = deferred();
    const release = deferred();
    const running = await serve([
      {
        ...echo,
        async handle() {
          asked.resolve();
          await release.promise;
          return { status: 204 };
        },
      },
    ]);
    const socket = connect(running.port, "127.0.0.1").setEncoding("utf8");
    socket.write("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    await asked.promise;
    const stopped = running.stop();
    release.resolve();
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    await stopped;
    expect(answer).toMatch(/^HTTP\/1.1 204 /);
  });

  it("does not wait for a connection that asks nothing", async () => {
    const running = await serve([echo]);
    const socket = connect(running.port, "127.0.0.1").resume();
    await once(socket, "connect");
    // The server knows of it once it has answered another that came later.
    expect((await fetch(`${running.url}/echo`, { method: "POST" })).status).toBe(200);
    await Promise.all([running.stop({ drainMs: 60_000 }), once(socket, "close")]);
  });

  const post = (body: string) => `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n${body}`;

  it("answers, for its grace, what still comes on a kept connection, and closes it with the answer", async () => {
    const running = await serve([echo], silentLogger(), { idleGraceMs: 60_000 });
    const socket = connect(running.port, "127.0.0.1").setEncoding("utf8");
    socket.write(post("a"));
    expect(String(await once(socket, "data"))).toContain("Connection: keep-alive");
    const stopped = running.stop();
    await refused(running.port);
    socket.write(post("b"));
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toContain("connection: close");
    expect(answer).toContain('"received":"b"');
    await stopped;
  });

  it("closes a kept connection that asks nothing once the grace is over", async () => {
    const running = await serve([echo], silentLogger(), { idleGraceMs: 20 });
    const socket = connect(running.port, "127.0.0.1").setEncoding("utf8");
    socket.write(post("a"));
    await once(socket, "data");
    socket.resume();
    await Promise.all([running.stop({ drainMs: 60_000 }), once(socket, "close")]);
  });

  it("cuts what does not finish in time", async () => {
    const asked = deferred();
    const running = await serve([
      {
        ...echo,
        handle() {
          asked.resolve();
          return new Promise(() => undefined);
        },
      },
    ]);
    const answered = fetch(`${running.url}/echo`, { method: "POST" }).catch(() => "cut");
    await asked.promise;
    await running.stop({ drainMs: 1 });
    expect(await answered).toBe("cut");
  });
});

describe("listening", () => {
  it("says which port is taken and what to do", async () => {
    const { port } = await serve([]);
    const second = startHttpServer({ host: "127.0.0.1", port, maxBodyBytes: 1, routes: [], log: silentLogger() });
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken by another process`);
  });

  it("says that a host is no address of this machine", async () => {
    const there = startHttpServer({ host: "192.0.2.1", port: 0, maxBodyBytes: 1, routes: [], log: silentLogger() });
    await expect(there).rejects.toThrow("192.0.2.1 is no address of this machine");
  });

  it("serves kept-alive connections one request after the other", async () => {
    const answers = await raw(
      await serve([echo]),
      ["a", "b"].map((body) => `POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n${body}`).join(""),
    );
    expect(answers.match(/"received":"\w"/g)).toEqual(['"received":"a"', '"received":"b"']);
  });
});

describe("a body far beyond the limit", () => {
  it("is refused in a way that its sender can read: it is let in whole, so that the connection is not reset", async () => {
    const { port } = await serve([echo]);
    const send = async () => {
      const client = request({ port, path: "/echo", method: "POST", headers: { "content-length": 8_000_000 } });
      const sent = once(client, "finish");
      client.end(Buffer.alloc(8_000_000));
      const [response] = (await once(client, "response")) as [IncomingMessage];
      const [text] = await Promise.all([textOf(response), sent]);
      return `${response.statusCode} ${JSON.parse(text).errors[0].extensions.code}`;
    };
    const statuses = await Promise.all(Array.from({ length: 10 }, send));
    expect(statuses).toEqual(statuses.map(() => "413 PAYLOAD_TOO_LARGE"));
  });
});
