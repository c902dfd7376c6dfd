/** Why a change of the catalogue or of the stock was refused. */
export interface Problem {
  readonly code: "NOT_FOUND" | "SKU_TAKEN" | "SLUG_TAKEN" | "NEGATIVE_STOCK" | "INVALID";
  readonly message: string;
  /** The input field at fault, outermost first; null where no single field is. */
  readonly path: string[] | null;
}

export const invalid = (path: string[], message: string): Problem => ({ code: "INVALID", message, path });

/** Control characters and broken surrogates, line breaks and tabs included. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;
/** The same, but line breaks and tabs may be. */
const CONTROL_IN_LINES = /(?![\t\n\r])[\p{Cc}\p{Cs}]/u;

/** What is wrong with a text of `min` to `max` characters (code points, so an emoji counts as a person would count it). */
export const textProblems = (
  text: string,
  path: string[],
  { min, max, lines = false }: { min: number; max: number; lines?: boolean },
): Problem[] => {
  if ((lines ? CONTROL_IN_LINES : CONTROL).test(text))
    return [invalid(path, "Control characters and broken Unicode are not allowed.")];
  // The text's own length is never less than its characters: what is far too long is not taken apart.
  const length = text.length > 2 * max ? text.length : [...text].length;
  if (length > max) return [invalid(path, `At most ${max} characters are allowed, got ${length}.`)];
  if (text.trim().length < min) return [invalid(path, "A text is needed.")];
  return [];
};
