/** Half of what a broker takes in its default configuration, so that a dead letter around a message fits, too. */
export const DEFAULT_MAX_MESSAGE_BYTES = 524_288;

/** A transaction was about to commit a message that no broker would take: it would block its key in the outbox for ever. */
export class OutboxMessageTooLarge extends Error {
  override readonly name = "OutboxMessageTooLarge";
  readonly code = "MESSAGE_TOO_LARGE";
}

const limits = new WeakMap<object, number>();

/** Messages that are appended with `tx` may have so many bytes, as JSON. */
export const limitMessages = (tx: object, maxBytes: number): void => void limits.set(tx, maxBytes);

/** @throws OutboxMessageTooLarge */
export const assertFits = (
  tx: object,
  message: { readonly subject: string; readonly envelope: { id: string } },
): void => {
  const maxBytes = limits.get(tx) ?? DEFAULT_MAX_MESSAGE_BYTES;
  const bytes = Buffer.byteLength(JSON.stringify(message.envelope));
  if (bytes <= maxBytes) return;
  throw new OutboxMessageTooLarge(
    `${message.envelope.id} under ${message.subject} has ${bytes} bytes, and ${maxBytes} are the limit: nothing of its transaction is kept. Send less in it, or raise NATS_MAX_MESSAGE_BYTES and the broker's max_payload.`,
  );
};

/** Whether whoever refused to publish says that repeating it as it is does not help, as the bus does. */
export const isPermanent = (error: unknown): boolean =>
  error instanceof Error && "permanent" in error && error.permanent === true;
