import type { KnownOperations } from "../revisions/operations.ts";

/** Of all known requests, from 0 to 1, by the operation's id; empty where nobody measured. */
export const trafficShares = ({ traffic }: KnownOperations): ReadonlyMap<string, number> => {
  const all = [...(traffic?.values() ?? [])].reduce((sum, requests) => sum + requests, 0);
  return new Map(all === 0 ? [] : [...(traffic ?? [])].map(([id, requests]) => [id, requests / all]));
};

/** Nothing where nobody measured. */
export const shareLine = (share: number | undefined): string[] =>
  share === undefined ? [] : [`${(100 * share).toFixed(1)} % of the known traffic`];
