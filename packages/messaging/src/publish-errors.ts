/**
 * The bus will never take this message as it is: whoever repeats it should say so loudly. Nothing is lost while it stays
 * in the outbox, and it goes through once the bus takes larger ones.
 */
export class MessageTooLarge extends Error {
  override readonly name = "MessageTooLarge";
  readonly code = "MESSAGE_TOO_LARGE";
  /** Repeating it as it is does not help. */
  readonly permanent = true;
}

/** The bus has no room that it could make without dropping what was not handled. It will when consumers catch up. */
export class BusFull extends Error {
  override readonly name = "BusFull";
  readonly code = "BUS_FULL";
}
