import { setTimeout as delay } from "node:timers/promises";
import type { GraphAnswer } from "./graph.ts";
import { count, type Tallies } from "./tallies.ts";

/** Longer than any fault lasts, its repair and the overload after it included. */
const GIVE_UP_AFTER_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 200;
/** Who tries again too soon, together with everybody else, keeps down what has just come back. */
const LONGEST_PAUSE_MS = 5_000;

/**
 * What a try led to: an end, or another try after a pause (`null`: one that grows). `unlessRepeated` is what it comes to
 * for somebody who does not try again, where nothing is left open.
 */
export type Tried<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "again"; readonly why: string; readonly afterMs: number | null; readonly unlessRepeated?: T };

/**
 * Tries as a good client does, until it is done. Who gives up knows what it came to where the last answer told; otherwise
 * null is answered, which is a failure on record.
 * @param what For the record: whose request it was, under which key.
 * @param leaving From then on nobody tries again who was told what it comes to.
 */
export const persist = async <T>(
  what: string,
  tallies: Tallies,
  attempt: (number: number) => Promise<Tried<T>>,
  leaving?: AbortSignal,
): Promise<T | null> => {
  const since = performance.now();
  for (let number = 1; ; number += 1) {
    const tried = await attempt(number);
    if (tried.kind === "done") return tried.value;
    if (performance.now() - since > GIVE_UP_AFTER_MS) {
      if (tried.unlessRepeated !== undefined) return tried.unlessRepeated;
      tallies.failures.push(`${what}: given up after ${GIVE_UP_AFTER_MS / 1_000} s, at last: ${tried.why}`);
      return null;
    }
    const growing = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(number - 1, 10), LONGEST_PAUSE_MS);
    const pauseMs = (tried.afterMs ?? growing) * (0.75 + Math.random() / 2);
    if (tried.unlessRepeated === undefined) await delay(pauseMs);
    else if (!(await hasPassed(pauseMs, leaving))) return tried.unlessRepeated;
  }
};

const hasPassed = (ms: number, signal: AbortSignal | undefined): Promise<boolean> =>
  delay(ms, true, signal ? { signal } : {}).catch((error: unknown) => {
    if (signal?.aborted) return false;
    throw error;
  });

/** Reads an answer that came, or says why to try again; what should never be answered goes on record. */
export const tryToRead = <T>(
  what: string,
  tallies: Tallies,
  answer: GraphAnswer,
  read: (data: unknown) => Tried<T>,
): Tried<T> => {
  switch (answer.kind) {
    case "data":
      return read(answer.data);
    case "retry":
      tallies.retried += 1;
      count(tallies.retriedBecause, answer.why);
      return { kind: "again", why: answer.why, afterMs: answer.afterMs };
    case "unauthenticated":
      tallies.failures.push(`${what}: UNAUTHENTICATED`);
      return { kind: "again", why: "UNAUTHENTICATED", afterMs: null };
    case "failed":
      // Tried again all the same: whether it took effect must come out.
      tallies.failures.push(`${what}: ${answer.evidence}`);
      return { kind: "again", why: answer.evidence, afterMs: null };
  }
};

/** {@link persist} for a question that is done with its first answer. */
export const askUntilAnswered = <T>(
  what: string,
  tallies: Tallies,
  ask: () => Promise<GraphAnswer>,
  read: (data: unknown) => Tried<T>,
): Promise<T | null> => persist(what, tallies, async () => tryToRead(what, tallies, await ask(), read));
