import type { Comparison } from "../check/comparison.ts";
import { type Finding, finding, type Location } from "../findings/finding.ts";
import { directiveChanges } from "./federation/directives.ts";
import { keyChanges } from "./federation/keys.ts";
import { ownershipChanges } from "./federation/ownership.ts";
import { type SubgraphChanges, subgraphChanges } from "./subgraph-changes.ts";

/** What an API diff cannot see: how the subgraphs are joined, and who resolves what. */
export const federationFindings = (comparison: Comparison): Finding[] => {
  const changes = subgraphChanges(comparison);
  const { findings, moved } = ownershipChanges(changes);
  return [
    ...subgraphListChanges(comparison, changes),
    ...versionChanges(changes),
    ...keyChanges(comparison, changes),
    ...findings,
    ...directiveChanges(comparison, changes, moved),
  ];
};

const subgraphListChanges = ({ base, head }: Comparison, { added, removed }: SubgraphChanges): Finding[] => {
  const urls = new Map(base.subgraphs.map(({ name, url }) => [name, url]));
  return [
    ...added.map(({ name, url, linkPlace }) =>
      finding("FEDERATION_SUBGRAPH_ADDED", {
        message: `${name} is a new subgraph, at ${url}.`,
        subgraphs: [name],
        locations: [beginning(linkPlace)],
      }),
    ),
    ...removed.map(({ name, linkPlace }) =>
      finding("FEDERATION_SUBGRAPH_REMOVED", {
        message: `${name} is no longer part of the graph.`,
        subgraphs: [name],
        locations: [beginning(linkPlace)],
      }),
    ),
    ...head.subgraphs.flatMap(({ name, url, path }) => {
      const former = urls.get(name);
      return former === undefined || former === url
        ? []
        : [
            finding("FEDERATION_ROUTING_URL_CHANGED", {
              message: `${name} is to be reached at ${url}, and was at ${former}.`,
              subgraphs: [name],
              locations: [{ path, line: 1, column: 1, side: "head" }],
            }),
          ];
    }),
  ];
};

const beginning = ({ path, side }: Location): Location => ({ path, line: 1, column: 1, side });

const versionChanges = ({ changed }: SubgraphChanges): Finding[] =>
  changed.flatMap(({ name, before, after }) => {
    const [was, is] = [before.linked.federation ?? ONE, after.linked.federation ?? ONE];
    const difference = is.major - was.major || is.minor - was.minor;
    if (difference === 0) return [];
    const [from, to] = [was, is].map(({ major, minor }) => (major === 1 ? "1" : `${major}.${minor}`));
    return [
      finding(difference > 0 ? "FEDERATION_VERSION_RAISED" : "FEDERATION_VERSION_LOWERED", {
        message: `${name} is of federation ${to}, and was of ${from}.`,
        subgraphs: [name],
        locations: [after.linked.link ? after.linkPlace : before.linkPlace],
      }),
    ];
  });

/** Who links to no version is of this one. */
const ONE = { major: 1, minor: 0 };
