export interface InvalidField {
  /** The input field at fault, outermost first. */
  readonly path: readonly string[];
  readonly message: string;
}

export type TextResult = { readonly kind: "ok" } | { readonly kind: "invalid"; readonly problem: string };

// Postgres refuses NUL in text; the other control characters have no place in what is printed on a parcel.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/;

/** Checks the length in UTF-16 units, inclusive, and that there are no control characters. */
export const isText = (value: string, { min, max }: { min: number; max: number }): TextResult => {
  if (value.length < min) return { kind: "invalid", problem: "must not be empty." };
  if (value.length > max) return { kind: "invalid", problem: `must have at most ${max} characters.` };
  if (CONTROL_CHARACTERS.test(value)) return { kind: "invalid", problem: "must not contain control characters." };
  return { kind: "ok" };
};
