import { findTextFault } from "@supergraph/contracts";

export const MAX_TEXT_LENGTH = 2_000;

/** As the client sends it; the graph has checked the types and nothing else. */
export interface Raw{{Entity}} {
  readonly {{owner}}Id: string;
  readonly text: string;
}

export interface InvalidField {
  /** The input field at fault, outermost first. */
  readonly path: readonly string[];
  readonly message: string;
}

export type Parse{{Entity}}Result =
  | { readonly kind: "ok"; readonly {{owner}}Id: string; readonly text: string }
  | { readonly kind: "invalid"; readonly fields: readonly InvalidField[] };

/** Trims, checks every field and tells of all that are wrong at once. */
export const parse{{Entity}} = (raw: Raw{{Entity}}): Parse{{Entity}}Result => {
  const fields: InvalidField[] = [];
  const { {{owner}}Id } = raw;
  if (!isPlausibleId({{owner}}Id))
    fields.push({ path: ["input", "{{owner}}Id"], message: "This is not the id of a {{owner words}}." });
  const text = raw.text.trim();
  const problem = textProblem(text);
  if (problem !== null) fields.push({ path: ["input", "text"], message: `The text ${problem}.` });
  return fields.length > 0 ? { kind: "invalid", fields } : { kind: "ok", {{owner}}Id, text };
};

/** Another service chooses these ids; what no id can be (NUL above all) must not reach the database. */
export const isPlausibleId = (id: string): boolean => /^[\w-]{1,100}$/.test(id);

const textProblem = (text: string): string | null => {
  switch (findTextFault(text, { max: MAX_TEXT_LENGTH, lines: true })) {
    case null:
      return null;
    case "blank":
      return "must not be empty";
    case "tooLong":
      return `must have at most ${MAX_TEXT_LENGTH} characters`;
    case "unprintable":
      return "must not contain control characters";
  }
};
