import { parentPort, workerData } from "node:worker_threads";
import { checkSatisfiability, composeSubgraphs } from "./compose.ts";
import type { ComposingTask } from "./threads.ts";

/** The whole of a composing thread, see `threads.ts`. */
const task = workerData as ComposingTask;
parentPort?.postMessage(
  task.kind === "compose" ? composeSubgraphs(task.subgraphs) : checkSatisfiability(task.supergraphSdl),
);
