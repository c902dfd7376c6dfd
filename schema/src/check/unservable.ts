import { linksToFeature } from "../composition/links.ts";
import { type Finding, finding, type Side } from "../findings/finding.ts";
import { type ParsedSubgraph, placeOf } from "../revisions/definitions.ts";

/** What the router's core refuses of a supergraph that composes; of a feature that it lacks, with the links that bring it along. */
export const unservableFinding = (message: string, subgraphs: readonly ParsedSubgraph[], side: Side): Finding => {
  const [, feature] = /\bfeature (https?:\S+)/.exec(message) ?? [];
  const links = feature === undefined ? [] : subgraphs.flatMap((one) => linksIn(one, feature));
  return finding("SUPERGRAPH_NOT_SERVABLE", {
    message: `The supergraph cannot be served: ${reasonIn(message)}`,
    subgraphs: links.map(({ name }) => name),
    locations: links.map(({ node, path }) => placeOf(node, path, side)),
  });
};

/** Without what the router's core says around it, which is for who runs a router. */
export const reasonIn = (message: string): string =>
  message.replace(/^The supergraph cannot be served: /, "").replace(/ Expected the output of .*$/s, "");

const linksIn = ({ name, path, document }: ParsedSubgraph, feature: string) =>
  linksToFeature(document, feature).map((node) => ({ name, path, node }));
