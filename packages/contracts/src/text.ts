/** Why a text that somebody typed is not taken; `blank` only when nothing else is wrong with it. */
export type TextFault = "blank" | "tooLong" | "unprintable";

/**
 * What Postgres refuses in text (NUL) and in JSON (halves of a character), and what breaks a label, a header or a log
 * (other controls).
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const UNPRINTABLE_IN_LINES = /(?![\t\n\r])[\p{Cc}\p{Cs}]/u;

/** `lines`: line breaks and tabs may be. */
export const isPrintable = (text: string, { lines = false }: { readonly lines?: boolean } = {}): boolean =>
  !(lines ? UNPRINTABLE_IN_LINES : UNPRINTABLE).test(text);

/** Characters as people count them more or less: code points, not the UTF-16 units of `length`. */
export const countCodePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

/** What is wrong with a text that must not be blank and has at most `max` code points; null when nothing is. */
export const findTextFault = (
  text: string,
  { max, lines }: { readonly max: number; readonly lines?: boolean },
): TextFault | null => {
  // A code point takes at most two units: what is far too long is not taken apart.
  if (text.length > 2 * max || countCodePoints(text) > max) return "tooLong";
  if (!isPrintable(text, { lines })) return "unprintable";
  return text.trim() === "" ? "blank" : null;
};
