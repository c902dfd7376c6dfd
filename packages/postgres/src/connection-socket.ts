import { Socket } from "node:net";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** What postgres.js gives to its undocumented option `socket`: the addresses of the URL, in turn. */
interface ConnectOptions {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path?: string | false;
}

const QUICK_END_MS = 200;
const MAX_DELAY_MS = 500;

/**
 * The option `socket` of a client of postgres.js. Its sockets repair a connection whose predecessor was lost in
 * mid-write: what was not written stays in the connection's buffer, and its flag "a write is scheduled" stays set, so
 * that nothing is ever written again (postgres.js 3.4.9, issues 1154 and 1208).
 */
export const createConnectionSockets = () => {
  let quickEnds = 0;
  let turn = 0;
  const open = async ({ host, port, path }: ConnectOptions): Promise<Socket> => {
    // A server that starts refuses with a message, and postgres.js would ask it again at once, for ever.
    if (quickEnds > 1) await new Promise((resolve) => setTimeout(resolve, Math.min(quickEnds * 25, MAX_DELAY_MS)));
    const index = turn % host.length;
    turn += 1;
    const address = { host: host[index] ?? "localhost", port: port[index] ?? 5432 };
    const openedAt = Date.now();
    const socket = new ConnectionSocket(path ? { path } : address);
    socket.once("close", () => {
      quickEnds = socket.wasUsed && Date.now() - openedAt < QUICK_END_MS ? quickEnds + 1 : 0;
    });
    return socket;
  };
  return { socket: open };
};

class ConnectionSocket extends Socket {
  /** Where it connects to; postgres.js reads them for TLS and messages. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  wasUsed = false;
  readonly #target: Address | { path: string };

  constructor(target: Address | { path: string }) {
    super();
    this.#target = target;
    if ("host" in target) {
      this.host = target.host;
      this.port = target.port;
    }
    // A sound connection writes its first message at once, at the end of this turn of the event loop. Where it does not,
    // it is told that the socket closed: it tries again, adding to its buffer each time until that is written for its size.
    setImmediate(() => setImmediate(() => setImmediate(() => this.wasUsed || this.emit("close", false))));
  }

  override write(chunk: Uint8Array | string, ...rest: never[]): boolean {
    if (this.wasUsed) return super.write(chunk, ...rest);
    this.wasUsed = true;
    this.connect(this.#target);
    return super.write(typeof chunk === "string" ? chunk : firstMessageOf(chunk), ...rest);
  }
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const PROTOCOL_3_0 = Buffer.from([0, 3, 0, 0]);

/** The last message in `bytes` that may open a connection, without what an earlier connection left before it. */
export const firstMessageOf = (bytes: Uint8Array): Buffer => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tail = buffer.subarray(-SSL_REQUEST.length);
  if (tail.equals(SSL_REQUEST)) return tail;
  for (let at = buffer.lastIndexOf(PROTOCOL_3_0); at >= 4; at = buffer.lastIndexOf(PROTOCOL_3_0, at - 1)) {
    const start = at - 4;
    if (buffer.readUInt32BE(start) === buffer.length - start) return buffer.subarray(start);
  }
  return buffer;
};
