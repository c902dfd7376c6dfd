import { countCodePoints, findTextFault } from "@supergraph/contracts";

/** Why a change of the catalogue or of the stock was refused. */
export interface Problem {
  readonly code: "NOT_FOUND" | "SKU_TAKEN" | "SLUG_TAKEN" | "NEGATIVE_STOCK" | "INVALID";
  readonly message: string;
  /** The input field at fault, outermost first; null where no single field is. */
  readonly path: string[] | null;
}

export const invalid = (path: string[], message: string): Problem => ({ code: "INVALID", message, path });

/** What is wrong with a text of at most `max` characters (code points, so an emoji counts as a person would count it). */
export const textProblems = (
  text: string,
  path: string[],
  { min, max, lines = false }: { min: number; max: number; lines?: boolean },
): Problem[] => {
  switch (findTextFault(text, { max, lines })) {
    case null:
      return [];
    case "unprintable":
      return [invalid(path, "Control characters and broken Unicode are not allowed.")];
    case "tooLong":
      return [invalid(path, `At most ${max} characters are allowed, got ${countCodePoints(text)}.`)];
    case "blank":
      return min === 0 ? [] : [invalid(path, "A text is needed.")];
  }
};
