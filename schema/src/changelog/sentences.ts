import { CATALOGUE } from "../findings/catalogue.ts";
import type { Finding, Location } from "../findings/finding.ts";
import { CHANGE_KINDS, type Changelog } from "./changelog.ts";

/** `shown` is how a state's name is written. */
export const titleOf = ({ base, head }: Changelog, shown: (name: string) => string): string =>
  `What changes from ${shown(base)} to ${shown(head)}`;

/** `2 breaking, 1 dangerous, 4 safe`; null where nothing changed. */
export const countsOf = ({ counts }: Pick<Changelog, "counts">): string | null => {
  const told = CHANGE_KINDS.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  return told.length === 0 ? null : told.join(", ");
};

/** The other subgraphs that a change concerns. */
export const othersOf = ({ subgraphs }: Finding, subgraph: string | null): readonly string[] =>
  subgraphs.filter((one) => one !== subgraph);

export const headingOf = ({ code }: Finding): string => CATALOGUE[code].title;

/** Where to look: in this subgraph's file before others. */
export const placeOf = ({ locations }: Finding): Location | null => locations[0] ?? null;

export const shownPlace = ({ path, line, column, side }: Location): string =>
  `${path}:${line}:${column}${side === "base" ? " (base)" : ""}`;
