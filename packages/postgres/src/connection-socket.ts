import { Socket } from "node:net";
import { createOwedAnswers } from "./owed-answers.ts";

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
/** What is left to be said when a connection is ended fits into one packet. */
const END_WITHIN_MS = 1_000;

/**
 * The option `socket` of a client of postgres.js. Its sockets repair a connection whose predecessor was lost in
 * mid-write: what was not written stays in the connection's buffer, and its flag "a write is scheduled" stays set, so
 * that nothing is ever written again (postgres.js 3.4.9, issues 1154 and 1208). And they give up, with the error
 * ETIMEDOUT, when nothing is read for `unansweredMs` (0: never) while Postgres owes an answer: of a peer that is gone
 * without a word nobody else tells for a quarter of an hour.
 */
export const createConnectionSockets = ({ unansweredMs }: { readonly unansweredMs: number }) => {
  let quickEnds = 0;
  let turn = 0;
  const open = async ({ host, port, path }: ConnectOptions): Promise<Socket> => {
    // A server that starts refuses with a message, and postgres.js would ask it again at once, for ever.
    if (quickEnds > 1) await new Promise((resolve) => setTimeout(resolve, Math.min(quickEnds * 25, MAX_DELAY_MS)));
    const index = turn % host.length;
    turn += 1;
    const address = { host: host[index] ?? "localhost", port: port[index] ?? 5432 };
    const openedAt = Date.now();
    const socket = new ConnectionSocket(path ? { path } : address, unansweredMs);
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
  readonly #unansweredMs: number;
  readonly #owedAnswers = createOwedAnswers();
  /** While no answer was owed, or something was read; by the monotonic clock. */
  #lastSoundAt = 0;
  #watch: NodeJS.Timeout | undefined;
  /** Why it closes. */
  #failure: unknown = null;

  constructor(target: Address | { path: string }, unansweredMs: number) {
    super();
    this.#target = target;
    this.#unansweredMs = unansweredMs;
    if ("host" in target) {
      this.host = target.host;
      this.port = target.port;
    }
    // A sound connection writes its first message at once, at the end of this turn of the event loop. Where it does not,
    // it is told that the socket closed: it tries again, adding to its buffer each time until that is written for its size.
    setImmediate(() => setImmediate(() => setImmediate(() => this.wasUsed || this.emit("close", false))));
  }

  override write(chunk: Uint8Array | string, ...rest: never[]): boolean {
    if (this.wasUsed) {
      if (!this.#owedAnswers.any()) this.#lastSoundAt = performance.now();
      if (typeof chunk !== "string") this.#owedAnswers.sent(chunk);
      return super.write(chunk, ...rest);
    }
    this.wasUsed = true;
    const first = typeof chunk === "string" ? Buffer.from(chunk) : firstMessageOf(chunk);
    this.#startWatch(first.equals(SSL_REQUEST));
    this.connect(this.#target);
    // connect() puts the one of the superclass in the place of this method.
    Reflect.deleteProperty(this, "write");
    return super.write(first, ...rest);
  }

  /**
   * Node tells of an error a moment before it tells of the close that follows. What postgres.js 3.4.9 was given in between
   * it would neither send nor reject, nor ever use the connection again: so the error is told once more at the close.
   */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === "error") this.#failure = args[0];
    const closesByError = event === "close" && args[0] === true && this.#failure !== null;
    if (closesByError && this.listenerCount("error") > 0) super.emit("error", this.#failure);
    return super.emit(event, ...args);
  }

  override push(chunk: Uint8Array | null): boolean {
    if (chunk) {
      this.#lastSoundAt = performance.now();
      this.#owedAnswers.received(chunk);
    }
    return super.push(chunk);
  }

  /** postgres.js says goodbye and leaves: without this, a peer that is gone would keep the process until TCP gives up. */
  override end(...args: never[]): this {
    setTimeout(() => this.destroy(), END_WITHIN_MS).unref();
    return super.end(...args);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#watch);
    super._destroy(error, done);
  }

  #startWatch(encrypted: boolean) {
    if (this.#unansweredMs === 0) return;
    this.#lastSoundAt = performance.now();
    const isSound = encrypted ? this.#moves() : () => !this.#owedAnswers.any();
    const check = () => {
      if (isSound()) this.#lastSoundAt = performance.now();
      else if (performance.now() - this.#lastSoundAt > this.#unansweredMs) this.destroy(this.#unanswered(encrypted));
    };
    this.#watch = setInterval(check, this.#unansweredMs / 10).unref();
  }

  /**
   * TLS works on the handle below, where only the bytes are counted. So every connection that is silent in both
   * directions is given up: one that only was not needed costs a handshake when it next is.
   */
  #moves(): () => boolean {
    let bytes = 0;
    return () => {
      const before = bytes;
      bytes = this.bytesRead + this.bytesWritten;
      return bytes !== before;
    };
  }

  /** None for TLS, since nobody listens for errors of the socket below it: its end is enough. */
  #unanswered(encrypted: boolean): Error | undefined {
    if (encrypted) return undefined;
    const where = "host" in this.#target ? `${this.#target.host}:${this.#target.port}` : this.#target.path;
    const message = `The database at ${where} has not answered for ${this.#unansweredMs} ms: its connection is given up.`;
    return Object.assign(new Error(message), { code: "ETIMEDOUT", syscall: "read" });
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
