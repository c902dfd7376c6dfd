import { findTextFault } from "@supergraph/contracts";

export interface InvalidField {
  /** The input field at fault, outermost first. */
  readonly path: readonly string[];
  readonly message: string;
}

/** What is wrong with one line of text, to follow its name in a sentence; null when nothing is. */
export const lineProblem = (
  line: string,
  { max, mayBeBlank = false }: { readonly max: number; readonly mayBeBlank?: boolean },
): string | null => {
  switch (findTextFault(line, { max })) {
    case null:
      return null;
    case "blank":
      return mayBeBlank ? null : "must not be empty.";
    case "tooLong":
      return `must have at most ${max} characters.`;
    case "unprintable":
      return "must not contain control characters.";
  }
};
