import { parentPort, workerData } from "node:worker_threads";
import { composeSubgraphs, type SubgraphSource } from "./compose.ts";

/** The whole of a composing thread, see `threads.ts`. */
parentPort?.postMessage(composeSubgraphs(workerData as readonly SubgraphSource[]));
