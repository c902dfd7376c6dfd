// Stands for a planning thread: answers with the number of the question, never answers "hang", and ends for "die".
import { parentPort } from "node:worker_threads";

parentPort.postMessage({
  kind: "opened",
  facts: { apiSdl: "", subgraphs: [], requirements: new Map(), typeRelations: new Map() },
});
let answered = 0;
parentPort.on("message", ({ document }) => {
  if (document === "hang") return;
  if (document === "die") throw new Error("out of memory");
  answered += 1;
  parentPort.postMessage({ kind: "answer", answer: { kind: "planned", plan: { kind: "QueryPlan", answered } } });
});
