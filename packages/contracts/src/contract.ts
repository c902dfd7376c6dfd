import type { z } from "zod";

/** Who publishes: each has a stream of its own on the broker. */
export const PRODUCERS = ["users", "products", "orders", "payments"] as const;

export type Producer = (typeof PRODUCERS)[number];

/**
 * One event or command on the bus, at one version. `schema` describes `data` of the envelope: its input side is
 * what travels as JSON, its output side is what code works with. A field may be added as optional; anything else
 * is a new version beside this one.
 */
export interface EventContract<Schema extends z.ZodType = z.ZodType> {
  readonly type: string;
  readonly version: number;
  readonly producer: Producer;
  /** The NATS subject: `<type>.v<version>`. */
  readonly subject: string;
  readonly description: string;
  /** The field of `data` that is the message's key: messages of one value are handled one after another. */
  readonly key: string;
  /**
   * The message's id where it follows from the fact, so that a repeat collapses: `reserve:{reservationId}`, with fields of
   * `data` in braces. Where it is not given each message has a fresh one.
   */
  readonly id?: string;
  readonly schema: Schema;
}

/** The decoded `data` of a contract. */
export type EventData<Contract extends EventContract> = z.output<Contract["schema"]>;

export const defineEvent = <Schema extends z.ZodType>(contract: {
  type: `${Producer}.${string}.${string}`;
  version: number;
  description: string;
  key: keyof z.input<Schema> & string;
  id?: string;
  schema: Schema;
}): EventContract<Schema> => ({
  ...contract,
  producer: contract.type.split(".", 1)[0] as Producer,
  subject: `${contract.type}.v${contract.version}`,
});
