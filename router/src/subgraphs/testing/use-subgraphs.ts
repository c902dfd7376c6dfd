import type { ServerResponse } from "node:http";
import { eventually } from "@supergraph/testing/eventually";
import { afterEach, expect } from "vitest";
import type { SubgraphClient } from "../client.ts";
import { aClient, answerTitle, startTestSubgraph, type TestSubgraph } from "./subgraph.ts";

export type Handle = Parameters<typeof startTestSubgraph>[0];

/** Subgraphs and clients that are stopped after each test. */
export const useSubgraphs = () => {
  const cleanup: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of cleanup.splice(0).reverse()) await step();
  });

  const aSubgraph = async (handle: Handle = answerTitle): Promise<TestSubgraph> => {
    const subgraph = await startTestSubgraph(handle);
    cleanup.push(() => subgraph.stop());
    return subgraph;
  };

  /** See {@link aClient}. */
  const aClientOf = (subgraphs: readonly TestSubgraph[], ...given: [Parameters<typeof aClient>[1]?, object?]) =>
    closed(
      aClient(
        subgraphs.map(({ url }) => url),
        ...given,
      ),
    );

  const closed = (client: SubgraphClient): SubgraphClient => {
    cleanup.push(() => client.close());
    return client;
  };

  /** A subgraph that answers nothing until it is told to. */
  const aSlowSubgraph = async () => {
    const waiting: ServerResponse[] = [];
    const subgraph = await aSubgraph((response) => waiting.push(response));
    return {
      subgraph,
      waiting,
      /** Once so many calls wait there. */
      arrived: (count: number) => eventually(() => expect(waiting).toHaveLength(count)),
      answerAll: () => waiting.splice(0).forEach(answerTitle),
    };
  };

  const afterTest = (step: () => Promise<void>): void => void cleanup.push(step);

  return { afterTest, aSubgraph, aSlowSubgraph, aClientOf, closed };
};
