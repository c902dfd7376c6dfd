import { Worker } from "node:worker_threads";

/**
 * Starts a thread of a program that lies beside its starter: `startThread(import.meta.url, "./planner-thread", data)`. As source or as
 * built, as the starter itself is run. A process that has nothing else to do may end.
 */
export const startThread = (starter: string, program: string, workerData: unknown): Worker => {
  const isSource = starter.endsWith(".ts");
  const url = new URL(`${program}${isSource ? ".ts" : ".js"}`, starter);
  const worker = isSource
    ? new Worker(sourceProgram(url), { workerData, execArgv: ["--conditions=supergraph-source"] })
    : new Worker(url, { workerData });
  worker.unref();
  return worker;
};

/** Runs a source as development runs them. A thread takes over neither that from its process nor, with Node.js 20, `--import`. */
const sourceProgram = (source: URL): URL => {
  const tsx = import.meta.resolve("tsx/esm/api");
  const program = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(source.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
};
