import { NewSubgraphError } from "../error.ts";
import type { Names } from "../names.ts";

/** What wiring needs to know of the new subgraph. */
export interface Plan extends Names {
  readonly port: number;
}

/** A file of the repository that has to know of the new subgraph. */
export interface Edit {
  readonly path: string;
  readonly apply: (text: string, plan: Plan) => string;
}

/** Puts `addition` behind the last match, of which there must be one. */
export const afterLast = (path: string, text: string, pattern: RegExp, addition: string): string => {
  const last = [...text.matchAll(globally(pattern))].at(-1);
  if (!last) throw notFound(path, pattern);
  const end = last.index + last[0].length;
  return text.slice(0, end) + addition + text.slice(end);
};

/** Puts `addition` before the one match. */
export const before = (path: string, text: string, pattern: RegExp, addition: string): string => {
  const [match, second] = [...text.matchAll(globally(pattern))];
  if (!match || second) throw notFound(path, pattern);
  return text.slice(0, match.index) + addition + text.slice(match.index);
};

const globally = (pattern: RegExp): RegExp => new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);

const notFound = (path: string, pattern: RegExp) =>
  new NewSubgraphError(
    "UNEXPECTED_FILE",
    `${path} has no place, or more than one, that looks like ${pattern}: the new subgraph cannot be entered there. Adapt scripts/new-subgraph/wiring to the file.`,
  );
