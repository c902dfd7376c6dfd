/** Moments that a crash must not be able to turn into a loss. `reach` them in this order of a message's life. */
export type Step =
  /** An order's transaction is committed, its client not yet answered. */
  | "order:committed"
  /** All statements of a transaction with messages ran; nothing is committed. */
  | "transaction:before-commit"
  /** A transaction with messages is committed; nobody was told. */
  | "transaction:committed"
  /** The relay has read messages from the outbox, and published none of them. */
  | "relay:claimed"
  /** The broker has a message; the outbox does not know. */
  | "relay:published"
  /** A consumer has taken messages, and begun nothing. */
  | "consumer:received"
  /** A consumer's work is committed; the broker does not know. */
  | "consumer:handled"
  /** A dead letter is kept; its message is not acknowledged. */
  | "consumer:buried"
  /** The payment provider has acted; nothing of its answer is recorded. */
  | "provider:answered"
  /** A webhook is recorded; the provider is not answered. */
  | "webhook:recorded"
  /** A saga's deadline was claimed; nothing was done about it. */
  | "deadline:claimed";

/** What can be taken out of a build, so that its absence is seen from outside. */
export type Guard =
  /** Messages that were handled before are handled again. */
  | "inbox"
  /** What a cancelled order holds is not given back. */
  | "compensation"
  /** More can be reserved than there is. */
  | "stock";

/** What the fault suite gives a process in `SUPERGRAPH_FAULTS`, as JSON. */
export interface Faults {
  /** Ends the process, as `kill -9` does, when `step` is reached for the `hit`-th time (from 1). */
  readonly kill?: { readonly step: Step; readonly hit: number };
  readonly off?: readonly Guard[];
  /** Added to this process's clock, milliseconds. */
  readonly clockOffsetMs?: number;
}
