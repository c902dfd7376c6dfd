import type { KnownOperations } from "../revisions/operations.ts";

/** `12.5 %` by the operation's id; empty where nobody measured. */
export const trafficShares = ({ traffic }: KnownOperations): ReadonlyMap<string, string> => {
  const all = [...(traffic?.values() ?? [])].reduce((sum, requests) => sum + requests, 0);
  if (traffic === null || all === 0) return new Map();
  return new Map([...traffic].map(([id, requests]) => [id, `${((100 * requests) / all).toFixed(1)} %`]));
};
