import type postgres from "postgres";
import { replaceUnsafe } from "./query-insides.ts";

/** A text that was seen so often is worth a plan that is kept. */
const PREPARE_FROM = 3;
/** Each connection keeps so many plans at most, and the server some memory for each. */
const MAX_PREPARED = 100;
/** Texts that differ from time to time, by the length of a list for one, must not be remembered for ever. */
const MAX_COUNTED = 1_000;

/**
 * Prepares the statements that a client runs again and again by `unsafe`, as Drizzle runs all of its own: by itself each
 * would be parsed and planned every time, and wait for the database twice instead of once.
 */
export const prepareRepeated = (client: postgres.Sql): postgres.Sql => {
  const isRepeated = countRepetitions();
  return replaceUnsafe(
    client,
    (unsafe) => (query, parameters, options) =>
      // Without parameters it is a simple query: there is nothing to save.
      unsafe(
        query,
        parameters,
        parameters && parameters.length > 0 && isRepeated(query) ? { ...options, prepare: true } : options,
      ),
  );
};

/** Counts each text, and tells whether it has been seen often enough to be prepared. */
export const countRepetitions = (): ((text: string) => boolean) => {
  const prepared = new Set<string>();
  const counts = new Map<string, number>();
  return (text) => {
    if (prepared.has(text)) return true;
    if (prepared.size >= MAX_PREPARED) return false;
    const count = (counts.get(text) ?? 0) + 1;
    if (count >= PREPARE_FROM) {
      counts.delete(text);
      prepared.add(text);
      return true;
    }
    if (counts.size >= MAX_COUNTED) counts.clear();
    counts.set(text, count);
    return false;
  };
};
