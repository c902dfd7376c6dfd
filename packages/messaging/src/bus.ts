/** The one shape of everything on the bus. `data` is the JSON side of the contract that `type` and `version` name. */
export interface Envelope {
  /** Unique for one fact: whoever sees an id again may ignore it. */
  readonly id: string;
  readonly type: string;
  readonly version: number;
  /** RFC 3339, when it happened (not when it was published). */
  readonly time: string;
  /** The client's request that all this follows from. */
  readonly correlationId: string;
  /** The envelope that this one answers or follows from, null at the origin. */
  readonly causationId: string | null;
  readonly data: unknown;
}

export interface Message {
  readonly subject: string;
  /** Id of the aggregate that this is about; adapters keep the order of publishing a key where they can. */
  readonly key: string;
  readonly envelope: Envelope;
  /** Trace context (`traceparent`) and the like; never business data. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Delivery extends Message {
  /** 1 for the first delivery. */
  readonly attempt: number;
}

/** A durable reader of one subject: what one service does with one kind of message. */
export interface Consumer {
  /** The service that reads; its replicas share the messages. */
  readonly service: string;
  readonly subject: string;
  /**
   * Resolves once the effects of all are durable, which acknowledges them; rejects when none has taken effect. Those that
   * failed together are tried in halves, so that only what fails alone is delivered again, after a backoff, and in the
   * end buried. {@link Unavailable} is nobody's fault: the same messages are tried again for as long as it lasts.
   * A batch is not empty, and holds at most one message of a key. An id may be in it twice.
   */
  handle(deliveries: readonly Delivery[]): Promise<void>;
}

/** A handler cannot work now whatever it is given: its database is away, or it is stopping. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** One delivery that a handler refused. */
export interface DeliveryFailure {
  readonly attempt: number;
  /** RFC 3339. */
  readonly at: string;
  /** Name and message of the error. */
  readonly error: string;
}

/**
 * What a consumer could not handle, after its last delivery. A bus that keeps it under {@link deadLetterSubject} does so
 * as `data` of an envelope of type `dead_letter`. A message whose envelope could not be read has the type `undecodable`
 * here, and its text as `data`.
 */
export interface DeadLetter {
  readonly service: string;
  readonly consumer: string;
  readonly message: Message;
  /** Of the last failure, with its stack. */
  readonly error: string;
  readonly attempts: number;
  /** True where the message's data did not fit beside the errors: it cannot be replayed. */
  readonly dataOmitted?: boolean | undefined;
  /** Those, the latest 20, that the process saw which buried it; other replicas may have seen more. */
  readonly failures: readonly DeliveryFailure[];
  /** RFC 3339. */
  readonly at: string;
}

/** What one consumer of this process did since its start, and has before it. */
export interface ConsumerStats {
  readonly service: string;
  /** {@link consumerName}. */
  readonly consumer: string;
  /** Messages whose effect is durable. */
  readonly handled: number;
  /** Deliveries after a message's first. */
  readonly redeliveries: number;
  readonly deadLetters: number;
  /** Messages that are here and that no handler has now. */
  readonly waiting: number;
}

/** What one consumer has before it, over all replicas of its service. */
export interface ConsumerLag {
  /** {@link consumerName}. */
  readonly consumer: string;
  /** Messages that no replica has got yet. */
  readonly pending: number;
  /** Messages that a replica has got and neither handled nor buried. */
  readonly unacknowledged: number;
}

export interface Bus {
  /** "NATS JetStream" or "in-process", for banners and logs. */
  readonly kind: string;
  /**
   * Resolves once the message is durable or its effect is; safe to repeat, `envelope.id` is the message id.
   * A rejection means that the outcome is unknown: publish again.
   */
  publish(message: Message): Promise<void>;
  /** Starts a durable consumer, at least once, from where the service left off. */
  consume(consumer: Consumer): Promise<void>;
  /**
   * Hears what is published from now on, without durability and in every process: for live views.
   * Resolves to the function that ends it. A listener's error is logged, never redelivered.
   */
  tail(subjects: readonly string[], listener: (message: Message) => void): Promise<() => Promise<void>>;
  /**
   * Since when the bus keeps what `service` publishes; null where it keeps nothing itself. What was published before has
   * been lost, with the broker's disk for one, and may never have been handled: publish it again. Rejects when the
   * broker does not tell.
   */
  keptSince(service: string): Promise<Date | null>;
  /** Of the consumers that were started on this bus. */
  stats(): readonly ConsumerStats[];
  /** Of the consumers of `service` that were started on this bus. Rejects when the broker does not tell. */
  lag(service: string): Promise<readonly ConsumerLag[]>;
  /** Rejects when the bus cannot be reached now. */
  check(): Promise<void>;
  /** Stops delivering, lets handlers in flight finish, disconnects. */
  stop(): Promise<void>;
}

/** `orders` reading `products.stock.reserved.v1` is the consumer `orders-products-stock-reserved-v1`. */
export const consumerName = ({ service, subject }: Pick<Consumer, "service" | "subject">): string =>
  `${service}-${subject.replaceAll(".", "-")}`;

/** Where a consumer's exhausted messages go: `dlq.<service>.<consumer>`; `tail(["dlq.>"], …)` hears of all. */
export const deadLetterSubject = (consumer: Pick<Consumer, "service" | "subject">): string =>
  `dlq.${consumer.service}.${consumerName(consumer)}`;
