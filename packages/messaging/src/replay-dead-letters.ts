import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Bus, type Consumer, deadLetterSubject, type Message } from "./bus.ts";
import type { Log } from "./log.ts";

const letterSchema: z.ZodType<{ message: Message; error: string }> = z.object({
  error: z.string(),
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

const IDLE_MS = 2_000;

/**
 * Publishes again what one consumer buried, each letter once however often this runs, and resolves to how many when no
 * more came for `idleMs` (2,000 unless given). All consumers of the subject get the message under its old id: those that
 * handled it know it and do nothing. Give the fix time to be deployed, and the broker's duplicate window to pass: within
 * it the broker drops the message. What could not be decoded stays where it is.
 */
export const replayDeadLetters = async (options: {
  readonly bus: Bus;
  /** Whose letters. */
  readonly of: Pick<Consumer, "service" | "subject">;
  readonly log: Log;
  readonly idleMs?: number;
}): Promise<number> => {
  const { bus, of, log, idleMs = IDLE_MS } = options;
  let replayed = 0;
  let lastAt = performance.now();
  await bus.consume({
    service: "replay",
    subject: deadLetterSubject(of),
    async handle(letters) {
      lastAt = performance.now();
      for (const { envelope } of letters) {
        const { message } = letterSchema.parse(envelope.data);
        if (message.envelope.type === "undecodable") {
          log.warn({ deadLetter: envelope.id }, "not replayed: its message could not be decoded");
          continue;
        }
        await bus.publish(message);
        replayed += 1;
        log.info({ messageId: message.envelope.id, subject: message.subject }, "replayed");
      }
    },
  });
  for (let idleFor = 0; idleFor < idleMs; idleFor = performance.now() - lastAt) await pause(idleMs - idleFor);
  return replayed;
};
