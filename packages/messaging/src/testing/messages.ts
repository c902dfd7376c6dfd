import type { Consumer, Delivery, Message } from "../bus.ts";
import type { Log } from "../log.ts";

export const SUBJECT = "products.stock.reserved.v1";

/** Fixed but for what a test says. */
export const aMessage = (
  id: string,
  { key = "ord_1", subject = SUBJECT, headers, data = { quantity: 1 } }: Partial<Message> & { data?: unknown } = {},
): Message => ({
  subject,
  key,
  ...(headers ? { headers } : {}),
  envelope: {
    id,
    type: subject.replace(/\.v\d+$/, ""),
    version: 1,
    time: "2026-01-31T12:00:00.000Z",
    correlationId: "req_1",
    causationId: null,
    data,
  },
});

export interface Recorder extends Consumer {
  /** `id#attempt` in the order in which handling began. */
  readonly seen: readonly string[];
  readonly deliveries: readonly { readonly delivery: Delivery; readonly at: number }[];
}

/** A consumer that notes what it gets, then does what the test says. */
export const recorder = (
  handle: (delivery: Delivery) => Promise<void> | void = () => undefined,
  { service = "orders", subject = SUBJECT }: { service?: string; subject?: string } = {},
): Recorder => {
  const seen: string[] = [];
  const deliveries: { delivery: Delivery; at: number }[] = [];
  return {
    service,
    subject,
    seen,
    deliveries,
    async handle(batch) {
      for (const delivery of batch) {
        seen.push(`${delivery.envelope.id}#${delivery.attempt}`);
        deliveries.push({ delivery, at: performance.now() });
        await handle(delivery);
      }
    },
  };
};

/** A promise that the test settles. */
export const gate = (): { readonly passed: Promise<void>; open(): void } => {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
};

export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface BatchRecorder extends Consumer {
  /** What each call got, as `id#attempt`. */
  readonly batches: readonly (readonly string[])[];
  /** Ids in the order in which their effect became durable: those of batches that did not fail. */
  readonly handled: readonly string[];
}

/** A consumer of whole batches, of which all messages take effect or none. */
export const batchRecorder = (
  handle: (deliveries: readonly Delivery[]) => Promise<void> | void = () => undefined,
): BatchRecorder => {
  const batches: (readonly string[])[] = [];
  const handled: string[] = [];
  return {
    service: "orders",
    subject: SUBJECT,
    batches,
    handled,
    async handle(deliveries) {
      batches.push(deliveries.map(({ envelope, attempt }) => `${envelope.id}#${attempt}`));
      await handle(deliveries);
      handled.push(...deliveries.map(({ envelope }) => envelope.id));
    },
  };
};
