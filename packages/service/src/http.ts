import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import type { Logger } from "./log.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal;
  /** Whether somebody on this machine sent it, and for himself: not through a proxy that stands here. */
  isLocal(): boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | AsyncIterable<string | Buffer>;
}

export interface Route {
  readonly method: "GET" | "POST" | "OPTIONS" | "*";
  /** An exact path, or a prefix that ends in `/*`. */
  readonly path: string;
  handle(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /**
   * Accepts no connection any more, answers what still comes on those that it has for `idleGraceMs` of its options, lets
   * requests in flight finish for `drainMs` (10,000 unless given), then cuts what is left.
   */
  stop(options?: { drainMs?: number }): Promise<void>;
}

/** The address was taken or may not be bound. The message says which and what to do. */
export class ListenError extends Error {
  readonly code = "LISTEN_FAILED";
  override readonly name = "ListenError";
}

/**
 * For `idleGraceMs` of a server whose clients keep connections: a request that is sent on one in the moment in which it is
 * closed fails, and its client cannot know whether it was heard. Clients that let go of what they have not used for half
 * of this time, as the router does, never send one.
 */
export const IDLE_GRACE_MS = 1_000;

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: JSON.stringify(body),
});

/** A refusal in the shape of a GraphQL response, which every client of the endpoint can read. */
export const errorResponse = (status: number, code: string, message: string): HttpResponse =>
  json(status, { errors: [{ message, extensions: { code } }] });

/** As {@link errorResponse}, for what may be asked again, as it is, after `retryAfterMs`. */
export const unavailableResponse = (code: string, message: string, retryAfterMs: number): HttpResponse =>
  json(
    503,
    { errors: [{ message, extensions: { code, retryable: true, retryAfterMs } }] },
    { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) },
  );

/** Undefined when `body` is not JSON. */
export const parseJson = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
};

/**
 * Serves `routes` over HTTP/1.1. Bodies are read whole, up to `maxBodyBytes`, before a route sees them. A route that
 * throws is answered with 500 and no detail.
 * @throws ListenError when `host:port` cannot be bound.
 */
export const startHttpServer = async (options: {
  host: string;
  port: number;
  routes: readonly Route[];
  maxBodyBytes: number;
  /** 0 unless given: a stop closes kept connections that are not in use at once. See {@link IDLE_GRACE_MS}. */
  idleGraceMs?: number | undefined;
  log: Logger;
}): Promise<HttpServer> => {
  const { routes, log, maxBodyBytes, idleGraceMs = 0 } = options;
  let stopping = false;

  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, connectionsCheckingInterval: 5_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      connections.asked(request.socket);
      const gone = new AbortController();
      // On the response and not on the socket, which outlives it: a kept-alive socket would collect listeners.
      response.once("close", () => {
        if (!response.writableFinished) gone.abort();
        connections.answered(request.socket);
      });
      answer(request, routes, maxBodyBytes, log, gone.signal)
        .then((answered) => {
          if (stopping) response.setHeader("connection", "close");
          return send(response, answered);
        })
        .catch((error: unknown) => {
          if (!isClientGone(error)) log.error({ err: error, path: request.url?.split("?")[0] }, "request failed");
          if (!response.headersSent)
            void send(response, errorResponse(500, "INTERNAL_SERVER_ERROR", "Something went wrong on our side.")).catch(
              () => response.destroy(),
            );
          else response.destroy();
        });
    },
  );

  const connections = trackConnections(server);
  await listen(server, options.host, options.port);
  // One connection that cannot be accepted, for want of file descriptors, must not end the process.
  server.on("error", (error) => log.error({ err: error }, "could not accept a connection"));
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;

  return {
    url: `http://${host === "0.0.0.0" || host === "[::]" ? "localhost" : host}:${port}`,
    port,
    async stop({ drainMs = 10_000 } = {}) {
      stopping = true;
      // Who has connected is accepted first, in the next turn of the loop: with the listener they would be cut off in mid-request.
      await turn();
      await turn();
      // As of `net`: that of `http` would also close kept connections.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      const deadline = setTimeout(() => server.closeAllConnections(), drainMs);
      if (idleGraceMs > 0) await settledWithin(closed, idleGraceMs);
      // Only says that it is closed already, and lets go of the timer that looks for slow clients.
      server.close(() => undefined);
      connections.closeUnused();
      await closed;
      clearTimeout(deadline);
    },
  };
};

/** Waits for `promise` to settle, `ms` at most, and says whether it did. */
export const settledWithin = async (promise: Promise<unknown>, ms: number): Promise<boolean> => {
  const settled = new AbortController();
  return Promise.race([
    promise.then(() => true).finally(() => settled.abort()),
    pause(ms, false, { signal: settled.signal }).catch(() => true),
  ]);
};

/** Node takes a connection that has not asked anything yet for a busy one, and a stop would wait for it. */
const trackConnections = (server: Server) => {
  const requestsOf = new Map<Socket, number>();
  let closing = false;
  server.on("connection", (socket) => {
    requestsOf.set(socket, 0);
    socket.once("close", () => requestsOf.delete(socket));
  });
  return {
    asked(socket: Socket): void {
      const before = requestsOf.get(socket);
      if (before !== undefined) requestsOf.set(socket, before + 1);
    },
    answered(socket: Socket): void {
      const before = requestsOf.get(socket);
      if (before === undefined) return;
      requestsOf.set(socket, before - 1);
      if (closing && before === 1) socket.destroySoon();
    },
    /** Closes what answers nothing, now and whenever its last request has been answered. */
    closeUnused(): void {
      closing = true;
      for (const [socket, requests] of requestsOf) if (requests === 0) socket.destroySoon();
    },
  };
};

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(new ListenError(whyNot(error, host, port), { cause: error }));
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      resolve();
    });
  });

const whyNot = ({ code, message }: NodeJS.ErrnoException, host: string, port: number): string => {
  if (code === "EADDRINUSE")
    return `Port ${port} on ${host} is taken by another process: stop it, or choose another port.`;
  if (code === "EACCES") return `This user may not listen on port ${port} of ${host}: choose a port above 1023.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `${host} is no address of this machine: choose another host, such as 127.0.0.1.`;
  return `Could not listen on port ${port} of ${host}: ${message}`;
};

const answer = async (
  request: IncomingMessage,
  routes: readonly Route[],
  maxBodyBytes: number,
  log: Logger,
  signal: AbortSignal,
): Promise<HttpResponse> => {
  // Not resolved against a base: a target that starts with // would name a host there.
  const { url: given = "/" } = request;
  const url = parseUrl(given.startsWith("/") ? `http://localhost${given}` : given);
  if (!url) return errorResponse(400, "BAD_REQUEST", "The request target is not a valid path.");
  const atPath = routes.filter((route) => matches(route.path, url.pathname));
  const route = atPath.find(
    ({ method }) => method === "*" || method === request.method || (method === "GET" && request.method === "HEAD"),
  );
  if (!route) {
    request.resume();
    if (atPath.length === 0) return errorResponse(404, "BAD_REQUEST", "There is nothing at this path.");
    const allow = [...new Set(atPath.map(({ method }) => method))].join(", ");
    const refused = errorResponse(405, "BAD_REQUEST", `This path answers ${allow} only.`);
    return { ...refused, headers: { ...refused.headers, allow } };
  }
  const body = await readBody(request, maxBodyBytes);
  // The connection is kept: closed with what is still to come unread, it would be reset before the client has read this.
  if (body === "too large")
    return errorResponse(413, "PAYLOAD_TOO_LARGE", `The request body is larger than ${maxBodyBytes} bytes.`);
  log.trace({ method: request.method, path: url.pathname }, "request");
  const { method = "GET", headers } = request;
  return route.handle({ method, url, headers, body, signal, isLocal: () => isLocal(request) });
};

const isLocal = ({ socket, headers }: IncomingMessage): boolean =>
  LOOPBACK.test(socket.remoteAddress ?? "") && FORWARDED.every((name) => headers[name] === undefined);

const LOOPBACK = /^(?:(?:::ffff:)?127\.\d+\.\d+\.\d+|::1)$/;
const FORWARDED = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

const parseUrl = (text: string): URL | null => {
  try {
    return new URL(text);
  } catch {
    return null;
  }
};

const matches = (path: string, pathname: string): boolean =>
  path.endsWith("/*") ? pathname.startsWith(path.slice(0, -1)) : path === pathname;

/** By events: to iterate over a body takes several times as long as to read it. */
const readBody = (request: IncomingMessage, maxBytes: number): Promise<Buffer | "too large"> => {
  // It is let in and thrown away, as long as a request may take: the client is still to read why its body was refused.
  const refuse = (): "too large" => {
    request.removeAllListeners("data");
    request.resume();
    return "too large";
  };
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(refuse());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) resolve(refuse());
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)));
    request.once("error", reject);
  });
};

const send = async (response: ServerResponse, { status, headers = {}, body = "" }: HttpResponse): Promise<void> => {
  const whole = typeof body === "string" || Buffer.isBuffer(body);
  // These have no body, and a length of 0 would be that of the thing they tell about.
  const bodiless = status === 204 || status === 304;
  try {
    response.writeHead(
      status,
      whole && !bodiless ? { ...headers, "content-length": String(Buffer.byteLength(body)) } : { ...headers },
    );
    if (response.req.method === "HEAD" || bodiless) response.end();
    else if (whole) response.end(body);
    else await pipeline(Readable.from(body), response);
  } finally {
    // A stream that was not read, or not to its end, still holds what feeds it.
    if (!whole) await body[Symbol.asyncIterator]().return?.();
  }
};

const isClientGone = (error: unknown): boolean =>
  ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"].includes(
    (error as NodeJS.ErrnoException | undefined)?.code ?? "",
  );
