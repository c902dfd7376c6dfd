import { fileURLToPath } from "node:url";
import { type Child, startNode } from "./child.ts";

export type Traffic = "identical" | "unique";

/** Stands in a body for a number that no other request has. */
export const UNIQUE = "%unique%";

export interface LoadOrder {
  readonly url: string;
  /** Sent in turn. */
  readonly requests: readonly {
    /** May hold `UNIQUE`. */
    readonly body: string;
    /** Length of the answer; another is a failure. Null where it is not known. */
    readonly bytes: number | null;
  }[];
  /** Whether all requests have one `Authorization`, or each its own. */
  readonly authorization: Traffic;
  readonly concurrency: number;
  readonly durationMs: number;
}

export interface LoadResult {
  readonly operations: number;
  readonly failed: number;
  /** Of the first that failed. */
  readonly failure: string | null;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Load {
  /** @throws Error when an answer is not what it has to be: nothing that was measured then counts. */
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): Promise<void>;
}

const PROCESS = fileURLToPath(new URL("load-process.ts", import.meta.url));

/** What runs a TypeScript file of the bench, as `npm run bench` itself runs. */
export const SOURCE_ARGS = ["--conditions=supergraph-source", "--import", "tsx"];

export const startLoad = async (cores: string | null): Promise<Load> => {
  const child: Child = startNode({ args: [...SOURCE_ARGS, PROCESS], cores, ipc: true });
  await child.ask();
  return {
    async run(order) {
      const result = await child.ask<LoadResult>(order);
      if (result.failed > 0)
        throw new Error(
          `${result.failed} of ${result.operations} requests to ${order.url} failed, the first with: ${result.failure}`,
        );
      return result;
    },
    stop: () => child.stop(),
  };
};
