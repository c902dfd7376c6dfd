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

/** Of the subgraph, and of all that is its own: its database, its container, its certificate. */
export const nameOf = ({ subgraph }: Plan): string => subgraph.kebab;

type Change = (path: string) => Edit["apply"];

/** Several changes of one file, one after the other. */
export const each = (path: string, ...changes: readonly Change[]): Edit => ({
  path,
  apply: (text, plan) => changes.reduce((done, change) => change(path)(done, plan), text),
});

/** Puts the addition behind the last match, of which there must be one. */
export const behind =
  (pattern: RegExp, additionOf: (plan: Plan) => string): Change =>
  (path) =>
  (text, plan) => {
    const last = [...text.matchAll(globally(pattern))].at(-1);
    if (!last) throw notFound(path, pattern);
    const end = last.index + last[0].length;
    return text.slice(0, end) + additionOf(plan) + text.slice(end);
  };

/** Puts the addition before the one match. */
export const ahead =
  (pattern: RegExp, additionOf: (plan: Plan) => string): Change =>
  (path) =>
  (text, plan) => {
    const [match, second] = [...text.matchAll(globally(pattern))];
    if (!match || second) throw notFound(path, pattern);
    return text.slice(0, match.index) + additionOf(plan) + text.slice(match.index);
  };

/** Puts the addition behind all else. */
export const atEnd =
  (additionOf: (plan: Plan) => string): Change =>
  () =>
  (text, plan) =>
    `${text.trimEnd()}\n${additionOf(plan)}`;

const globally = (pattern: RegExp): RegExp => new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);

const notFound = (path: string, pattern: RegExp) =>
  new NewSubgraphError(
    "UNEXPECTED_FILE",
    `${path} has no place, or more than one, that looks like ${pattern}: the new subgraph cannot be entered there. Adapt scripts/new-subgraph/wiring to the file.`,
  );
