import { z } from "zod";
import type { DeadLetter } from "../bus.ts";

/** A dead letter where it is kept. */
export interface StoredLetter {
  /** What the command line calls it. */
  readonly id: string;
  readonly letter: DeadLetter;
  /** Why it cannot be replayed; null where it can. */
  readonly obstacle: string | null;
}

/** What one letter came to; `reason` is there where it stays. */
export type Outcome = { readonly kind: "done" } | { readonly kind: "refused" | "failed"; readonly reason: string };

/** Where dead letters are kept: a stream of the broker, or a folder of the in-process bus. */
export interface LetterStore {
  /** For people, without credentials. */
  readonly place: string;
  list(): Promise<readonly StoredLetter[]>;
  /** Null when there is none of this id. */
  find(id: string): Promise<StoredLetter | null>;
  /** Hands the message to the consumer that buried it, and removes the letter once that is durable. Safe to repeat. */
  replay(stored: StoredLetter): Promise<Outcome>;
  /** Removes the letter for ever. */
  discard(stored: StoredLetter): Promise<Outcome>;
  close(): Promise<void>;
}

const Letter = z.object({
  service: z.string(),
  consumer: z.string(),
  error: z.string(),
  attempts: z.number(),
  at: z.string(),
  failures: z.array(z.object({ attempt: z.number(), at: z.string(), error: z.string() })).default([]),
  dataOmitted: z.boolean().optional(),
  message: z.object({
    subject: z.string(),
    key: z.string(),
    headers: z.record(z.string(), z.string()).optional(),
    envelope: z.object({
      id: z.string(),
      type: z.string(),
      version: z.number(),
      time: z.string(),
      correlationId: z.string(),
      causationId: z.string().nullable(),
      data: z.unknown(),
    }),
  }),
});

/** Reads what a bus buried; what is no letter is shown as one that cannot be replayed, so that it can be discarded. */
export const readLetter = (id: string, stored: unknown, where: { subject: string; at: string }): StoredLetter => {
  const parsed = Letter.safeParse(stored);
  if (parsed.success) {
    const { message, ...rest } = parsed.data;
    const letter: DeadLetter = { ...rest, message: { ...message, envelope: { ...message.envelope } } };
    return { id, letter, obstacle: obstacleOf(letter) };
  }
  const error = `Something else than a dead letter: ${z.prettifyError(parsed.error).split("\n", 1)[0]}`;
  return { id, letter: unreadable(error, stored, where), obstacle: "it is no dead letter" };
};

const obstacleOf = ({ message, dataOmitted }: DeadLetter): string | null => {
  if (message.envelope.type === "undecodable") return "its message could not be decoded, and would not be again";
  if (dataOmitted) return "its data was too large for a dead letter";
  return null;
};

const unreadable = (error: string, stored: unknown, { subject, at }: { subject: string; at: string }): DeadLetter => {
  const [, service = "?", consumer = "?"] = subject.split(".");
  return {
    service,
    consumer,
    error,
    attempts: 0,
    failures: [],
    at,
    message: {
      subject: "?",
      key: "?",
      envelope: {
        id: "?",
        type: "unreadable",
        version: 0,
        time: at,
        correlationId: "?",
        causationId: null,
        data: stored,
      },
    },
  };
};
