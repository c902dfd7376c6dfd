import { fileURLToPath } from "node:url";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { FEDERATION_SDL, type SubgraphName } from "../federation-graph.ts";
import { startNode } from "./child.ts";
import { SOURCE_ARGS } from "./load.ts";
import type { SubgraphCounters } from "./subgraphs-process.ts";

export interface Subgraphs {
  urlOf(subgraph: SubgraphName): string;
  /** Of the four, composed, with their URLs. */
  readonly supergraphSdl: string;
  counters(): Promise<SubgraphCounters>;
  stop(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL("subgraphs-process.ts", import.meta.url));

export const startSubgraphs = async (cores: string | null): Promise<Subgraphs> => {
  const child = startNode({ args: [...SOURCE_ARGS, PROCESS], cores, ipc: true, env: { NODE_ENV: "production" } });
  const { port } = await child.ask<{ port: number }>();
  const urlOf = (subgraph: string) => `http://127.0.0.1:${port}/${subgraph}`;
  return {
    urlOf,
    supergraphSdl: compose(urlOf),
    counters: () => child.ask<SubgraphCounters>("counters"),
    stop: () => child.stop(),
  };
};

const compose = (urlOf: (subgraph: string) => string): string => {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(FEDERATION_SDL).map(([name, sdl]) => ({ name, url: urlOf(name), typeDefs: parse(sdl) })),
  );
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join("\n"));
  return supergraphSdl;
};
