import type { Backoff } from "../backoff.ts";
import type { HandlingOptions } from "../batcher.ts";
import type { Log } from "../log.ts";

export interface NatsOptions extends HandlingOptions {
  /** One URL or several, also comma-separated: `nats://host:4222`, `nats://user:password@host`, `nats://token@host`, `tls://host`. */
  readonly servers: string | readonly string[];
  readonly log: Log;
  /** Shown in the broker's monitoring: the service's name. */
  readonly name?: string;
  /** In place of credentials in the URL. */
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** The text of a `.creds` file. */
  readonly credentials?: string | undefined;
  /** Path of a `.creds` file, read again at each connect: what replaces it counts from the next one on. */
  readonly credentialsFile?: string | undefined;
  /** PEM text, or paths in the `…File` fields. Present, also empty, means that TLS is required. */
  readonly tls?:
    | {
        readonly ca?: string;
        readonly cert?: string;
        readonly key?: string;
        readonly caFile?: string;
        readonly certFile?: string;
        readonly keyFile?: string;
      }
    | undefined;
  /** Prefix of streams, subjects and consumers, so that two environments or two tests can share a broker. */
  readonly namespace?: string | undefined;
  /**
   * The services that publish: a stream of each, and the one of dead letters, is there once `connectNats` resolves, so
   * that nothing depends on which service starts first. Streams of others are made when they are first used.
   */
  readonly producers?: readonly string[];
  /** Copies of each stream; more than 1 needs a cluster. */
  readonly replicas?: number;
  /**
   * How large each stream may get; no limit but the broker's unless given. A full stream first loses what all of its
   * consumers have handled, and then refuses: `publish` rejects with BusFull, and what nobody handled is never dropped.
   */
  readonly maxBytes?: number | undefined;
  /**
   * What services hold their messages to. Given, `connectNats` refuses a broker whose `max_payload` is too small for a
   * message of this size, or for the dead letter around it.
   */
  readonly maxMessageBytes?: number;
  /**
   * How long streams keep messages: the longest outage of a consumer that costs nothing. 6 days unless given: less than
   * the 7 for which services remember what they handled, since a consumer that is created anew reads its stream again.
   */
  readonly maxAgeMs?: number;
  /** The same for dead letters: the time to look at them. 30 days unless given. */
  readonly deadLetterMaxAgeMs?: number;
  /** Within it the broker drops a second publish of an id. 2 minutes unless given. */
  readonly duplicateWindowMs?: number;
  /**
   * After so long without a sign of life a message is delivered again, elsewhere: what a killed process had in hand waits
   * for it. 10,000 unless given; handlers may run longer, since a process tells every third of it that it is at work.
   */
  readonly ackWaitMs?: number;
  /** After so many failures a message becomes a dead letter. 20 unless given. */
  readonly maxDeliveries?: number;
  readonly backoffMs?: Backoff;
  /** Unsettled messages of one consumer over all its replicas. 512 unless given. */
  readonly maxAckPending?: number;
  /** A publish that is not acknowledged within it rejects. 5,000 unless given. */
  readonly publishTimeoutMs?: number;
  /** How long the first connection is tried. 10,000 unless given. */
  readonly connectTimeoutMs?: number;
  /** How long `stop` waits for handlers in flight. 10,000 unless given. */
  readonly stopTimeoutMs?: number;
  /** 0 ≤ n < 1, for jitter. */
  readonly random?: () => number;
}

/** The broker could not be used at the start. The message names the servers, never credentials. */
export class NatsConnectError extends Error {
  override readonly name = "NatsConnectError";
  readonly code:
    | "NATS_UNREACHABLE"
    | "NATS_REFUSED_CREDENTIALS"
    | "NATS_FILE_UNUSABLE"
    | "NATS_TLS_FAILED"
    | "NATS_WITHOUT_JETSTREAM"
    | "NATS_JETSTREAM_NOT_READY"
    | "NATS_MAX_PAYLOAD_TOO_SMALL";
  constructor(code: NatsConnectError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** A stream or consumer cannot be made, or cannot be made what the settings ask for. The message says what stands in the way. */
export class NatsStreamError extends Error {
  override readonly name = "NatsStreamError";
  readonly code: "NATS_STREAM_CONFLICT" | "NATS_STREAM_REFUSED" | "NATS_CONSUMER_CONFLICT";
  constructor(code: NatsStreamError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
