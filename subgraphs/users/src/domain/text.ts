import { countCodePoints, isPrintable } from "@supergraph/contracts";

export type ReadTextResult = { kind: "ok"; text: string } | { kind: "refused"; reason: string };

/** Reads one line that a person typed: trimmed, NFC, printable, from 1 to `maxCodePoints`. */
export const readLine = (raw: string, maxCodePoints: number): ReadTextResult => {
  const tooLong: ReadTextResult = { kind: "refused", reason: `must have at most ${maxCodePoints} characters` };
  const trimmed = raw.trim();
  // A code point takes at most two units, and composing never makes three out of one: huge text is not worth normalising.
  if (trimmed.length > maxCodePoints * 6) return tooLong;
  if (!isPrintable(trimmed)) return { kind: "refused", reason: "must not contain line breaks or control characters" };
  const text = trimmed.normalize("NFC");
  if (text === "") return { kind: "refused", reason: "must not be blank" };
  return countCodePoints(text) > maxCodePoints ? tooLong : { kind: "ok", text };
};
