import { z } from "zod";
import { type Bus, type Delivery, type Message, Unavailable } from "./bus.ts";
import { settlesWithin } from "./deadline.ts";
import { inSpanOf, inTracesOf, traceHeaders } from "./trace.ts";

/** What this package needs of a contract; `@supergraph/contracts` defines them. */
export interface Contract<Schema extends z.ZodType = z.ZodType> {
  readonly type: string;
  readonly version: number;
  readonly subject: string;
  readonly schema: Schema;
}

/** Where an event comes from: the request or event that caused it. */
export interface Cause {
  readonly correlationId: string;
  readonly causationId: string | null;
  /** Trace context of the cause, where that is not what is handled now but was remembered. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface NewEvent<Schema extends z.ZodType> extends Cause {
  /** Derive it from the business fact (`reserve:res_…`) where a repeat must collapse; else a fresh unique id. */
  readonly id: string;
  readonly key: string;
  readonly time: Date;
  readonly data: z.output<Schema>;
}

/**
 * Encodes and validates `data` against the contract. The message belongs to the trace of the request or event in whose
 * handling it is made; in a batch, of the event that `causationId` names.
 * @throws ZodError when `data` does not fit: a bug in the producer.
 */
export const newMessage = <Schema extends z.ZodType>(contract: Contract<Schema>, event: NewEvent<Schema>): Message => ({
  subject: contract.subject,
  key: event.key,
  headers: { ...traceHeaders(event.causationId), ...event.headers },
  envelope: {
    id: event.id,
    type: contract.type,
    version: contract.version,
    time: event.time.toISOString(),
    correlationId: event.correlationId,
    causationId: event.causationId,
    data: z.encode(contract.schema, event.data),
  },
});

/** A decoded message as a handler gets it. */
export interface ReceivedEvent<Data> extends Cause {
  readonly id: string;
  readonly time: Date;
  readonly data: Data;
  /** {@link Message.headers}; empty where the message has none. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A row of a service's table of what it subscribes to; make it with {@link on} or {@link onBatch}. */
export interface Subscription<Tx> {
  readonly subject: string;
  /** Each id at most once. */
  handle(deliveries: readonly Delivery[], tx: Tx): Promise<void>;
}

/**
 * Binds a handler to a contract. The handler gets decoded data and the transaction that also records the message in the
 * inbox; what it appends to the outbox should carry `causationId: event.id`. Messages that wait together share a
 * transaction, in which they are handled one after another, in the order of their keys.
 */
export const on = <Schema extends z.ZodType, Tx>(
  contract: Contract<Schema>,
  handle: (event: ReceivedEvent<z.output<Schema>>, tx: Tx) => Promise<void>,
): Subscription<Tx> => ({
  subject: contract.subject,
  async handle(deliveries, tx) {
    for (const delivery of deliveries)
      await inSpanOf(delivery.envelope.id, () => handle(receivedEvent(contract, delivery), tx));
  },
});

/**
 * As {@link on}, for a handler that does the work of many messages in a few statements. `events` are in the order of
 * their keys, of which each is there once; often there is but one event.
 */
export const onBatch = <Schema extends z.ZodType, Tx>(
  contract: Contract<Schema>,
  handle: (events: readonly ReceivedEvent<z.output<Schema>>[], tx: Tx) => Promise<void>,
): Subscription<Tx> => ({
  subject: contract.subject,
  handle: async (deliveries, tx) =>
    handle(
      deliveries.map((delivery) => receivedEvent(contract, delivery)),
      tx,
    ),
});

const receivedEvent = <Schema extends z.ZodType>(
  contract: Contract<Schema>,
  { envelope, headers = {} }: Delivery,
): ReceivedEvent<z.output<Schema>> => ({
  id: envelope.id,
  time: new Date(envelope.time),
  correlationId: envelope.correlationId,
  causationId: envelope.causationId,
  data: z.decode(contract.schema, envelope.data as z.input<Schema>),
  headers,
});

const compareKeys = (one: Delivery, other: Delivery): number => {
  if (one.key === other.key) return 0;
  return one.key < other.key ? -1 : 1;
};

export interface Consumers {
  /**
   * Waits for handlers that run, 10 s at the most, and lets none begin: what is delivered from now on is refused, and
   * delivered again later or elsewhere. To be called before the database is closed, where the bus outlives the service.
   */
  stop(): Promise<void>;
}

/**
 * Runs `work` in a transaction that also records the messages as handled by `consumer`. `isNew` holds those that were
 * not on record; where there are none `work` is not called. When `work` throws, nothing is recorded.
 */
export type Once<Tx> = (
  messages: { readonly consumer: string; readonly messageIds: readonly string[] },
  work: (tx: Tx, isNew: ReadonlySet<string>) => Promise<void>,
) => Promise<void>;

const STOP_WITHIN_MS = 10_000;
const SETTLES_AFTER_OUTAGE_WITHIN_MS = 1_000;

/**
 * Starts one durable consumer a subscription. `once` is the inbox, which `@supergraph/postgres` provides, and so is
 * `isOutage`, which tells an error that says nothing about the messages, since the database is away, from one of theirs.
 */
export const startConsumers = async <Tx>(options: {
  bus: Bus;
  service: string;
  subscriptions: readonly Subscription<Tx>[];
  once: Once<Tx>;
  isOutage: (error: unknown) => boolean;
}): Promise<Consumers> => {
  const { bus, service, subscriptions, once, isOutage } = options;
  const running = new Set<Promise<void>>();
  let stopping = false;

  const handleOnce = async ({ subject, handle }: Subscription<Tx>, deliveries: readonly Delivery[]): Promise<void> => {
    // In the order of keys, each of which is in a batch once at most: two batches that change the same aggregates, of
    // whichever consumers, would otherwise wait for each other.
    const byId = new Map(deliveries.toSorted(compareKeys).map((delivery) => [delivery.envelope.id, delivery]));
    let work = Promise.resolve();
    try {
      await once({ consumer: subject, messageIds: [...byId.keys()] }, (tx, isNew) => {
        const fresh = [...byId.values()].filter(({ envelope }) => isNew.has(envelope.id));
        work = handle(fresh, tx);
        return work;
      });
    } catch (error) {
      if (!isOutage(error)) throw error;
      // A database ends the connection of a handler that hangs, which looks like an outage, and would each time.
      if (!(await settlesWithin(Promise.allSettled([work]), SETTLES_AFTER_OUTAGE_WITHIN_MS))) {
        throw new Error(`The handler of ${subject} went on when its transaction had ended.`, { cause: error });
      }
      throw new Unavailable(`What ${service} needs to handle ${subject} is away.`, { cause: error });
    }
  };

  for (const subscription of subscriptions) {
    await bus.consume({
      service,
      subject: subscription.subject,
      async handle(deliveries) {
        if (stopping) throw new Unavailable(`${service} is stopping.`);
        const run = inTracesOf(service, deliveries, () => handleOnce(subscription, deliveries));
        running.add(run);
        try {
          await run;
        } finally {
          running.delete(run);
        }
      },
    });
  }
  return {
    async stop() {
      stopping = true;
      await settlesWithin(Promise.allSettled(running), STOP_WITHIN_MS);
    },
  };
};
