import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Site } from "./gateways.ts";
import type { Subgraphs } from "./subgraphs.ts";

export interface PreparedSite extends Omit<Site, "port"> {
  remove(): Promise<void>;
}

/** Writes what gateways are started with into a folder of its own. */
export const prepareSite = async (subgraphs: Subgraphs): Promise<PreparedSite> => {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-bench-"));
  const supergraphPath = join(directory, "supergraph.graphql");
  const configPath = join(directory, "router.yaml");
  await writeFile(supergraphPath, subgraphs.supergraphSdl);
  await writeFile(configPath, routerConfig(supergraphPath));
  return {
    supergraphPath,
    configPath,
    subgraphUrl: subgraphs.urlOf("products"),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
};

/** Neither `authentication` nor `signing`: `Authorization` is only passed on, as at the peers. */
const routerConfig = (supergraphPath: string): string => `supergraph:
  path: ${JSON.stringify(supergraphPath)}
server:
  host: 127.0.0.1
headers:
  - propagate: authorization
`;
