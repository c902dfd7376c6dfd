import { z } from "zod";
import type { Bus, Delivery, Message } from "./bus.ts";

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
}

export interface NewEvent<Schema extends z.ZodType> extends Cause {
  /** Derive it from the business fact (`reserve:res_…`) where a repeat must collapse; else a fresh unique id. */
  readonly id: string;
  readonly key: string;
  readonly time: Date;
  readonly data: z.output<Schema>;
}

/** Encodes and validates `data` against the contract. Throws ZodError when it does not fit: a bug in the producer. */
export const newMessage = <Schema extends z.ZodType>(contract: Contract<Schema>, event: NewEvent<Schema>): Message => ({
  subject: contract.subject,
  key: event.key,
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
}

/** A row of a service's table of what it subscribes to; make it with {@link on}. */
export interface Subscription<Tx> {
  readonly subject: string;
  handle(delivery: Delivery, tx: Tx): Promise<void>;
}

/**
 * Binds a handler to a contract. The handler gets decoded data and the transaction that also records the message in the
 * inbox; what it appends to the outbox should carry `causationId: event.id`.
 */
export const on = <Schema extends z.ZodType, Tx>(
  contract: Contract<Schema>,
  handle: (event: ReceivedEvent<z.output<Schema>>, tx: Tx) => Promise<void>,
): Subscription<Tx> => ({
  subject: contract.subject,
  handle: ({ envelope }, tx) =>
    handle(
      {
        id: envelope.id,
        time: new Date(envelope.time),
        correlationId: envelope.correlationId,
        causationId: envelope.causationId,
        data: z.decode(contract.schema, envelope.data as z.input<Schema>),
      },
      tx,
    ),
});

export interface Consumers {
  /**
   * Waits for handlers that run and lets none begin: what is delivered from now on is refused, and delivered again
   * later or elsewhere. To be called before the database is closed, where the bus outlives the service.
   */
  stop(): Promise<void>;
}

/**
 * Starts one durable consumer a subscription. `once` runs `work` in a transaction that also records the message, and
 * does nothing for a message that it recorded before; `@supergraph/postgres` provides it as the inbox.
 */
export const startConsumers = async <Tx>(options: {
  bus: Bus;
  service: string;
  subscriptions: readonly Subscription<Tx>[];
  once: (message: { consumer: string; messageId: string }, work: (tx: Tx) => Promise<void>) => Promise<void>;
}): Promise<Consumers> => {
  const { bus, service, subscriptions, once } = options;
  const running = new Set<Promise<void>>();
  let stopping = false;
  for (const { subject, handle } of subscriptions) {
    await bus.consume({
      service,
      subject,
      async handle(delivery) {
        if (stopping) throw new Error(`${service} is stopping.`);
        const message = { consumer: subject, messageId: delivery.envelope.id };
        const run = once(message, (tx) => handle(delivery, tx));
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
      await Promise.allSettled(running);
    },
  };
};
