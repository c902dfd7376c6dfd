import { buildSubgraph, type ServiceDefinition } from "@apollo/federation-internals";
import { type ConstDirectiveNode, GraphQLError, Kind } from "graphql";
import { linksOf } from "./links.ts";

/**
 * Composition refuses most of what is wrong with subgraphs, and stumbles over some of it, such as a link that is no URL or an interface
 * called Query: it throws, and names no subgraph. What it threw, as an error of composition that names the first that it stumbles over.
 */
export const faultOf = (thrown: unknown, services: readonly ServiceDefinition[]): GraphQLError => {
  const culprit = services.find(stumblesOver);
  const owner = culprit ? `[${culprit.name}] ` : "";
  const malformed = culprit ? linksOf(culprit.typeDefs).filter((link) => !URL.canParse(urlOf(link))) : [];
  if (malformed.length > 0)
    return new GraphQLError(
      `${owner}${malformed.map((link) => JSON.stringify(urlOf(link))).join(" and ")} is no URL.`,
      {
        nodes: malformed,
        extensions: { code: "INVALID_LINK_IDENTIFIER" },
      },
    );
  const told = thrown instanceof Error ? thrown.message : String(thrown);
  return new GraphQLError(`${owner}Composition itself failed: ${told}`, { extensions: { code: "COMPOSITION_ERROR" } });
};

const stumblesOver = ({ name, url, typeDefs }: ServiceDefinition): boolean => {
  try {
    buildSubgraph(name, url ?? "", typeDefs);
    return false;
  } catch (error) {
    return !(error instanceof GraphQLError);
  }
};

const urlOf = (link: ConstDirectiveNode): string => {
  const value = link.arguments?.find(({ name }) => name.value === "url")?.value;
  return value?.kind === Kind.STRING ? value.value : "";
};
