import { once } from "node:events";
import { availableParallelism } from "node:os";
import { startThread } from "@supergraph/service/thread";
import type { Composition, SubgraphSource } from "./compose.ts";

/** In characters. Below, starting a thread takes longer than it saves. */
const WORTH_A_THREAD = 150_000;

export const isWorthAThread = (subgraphs: readonly Pick<SubgraphSource, "sdl">[]): boolean =>
  availableParallelism() > 1 && subgraphs.reduce((size, { sdl }) => size + sdl.length, 0) > WORTH_A_THREAD;

/** Composes beside what this thread does. Rejects when the thread fails, for want of memory, or `signal` ends it. */
export const composeInThread = async (
  subgraphs: readonly SubgraphSource[],
  signal: AbortSignal,
): Promise<Composition> => {
  const sources: SubgraphSource[] = subgraphs.map(({ name, url, sdl, path }) => ({ name, url, sdl, path }));
  const worker = startThread(import.meta.url, "./composing-thread", sources);
  // Whoever waits for its answer has nothing else to do.
  worker.ref();
  const stop = () => void worker.terminate();
  signal.addEventListener("abort", stop);
  const ended = once(worker, "exit").then(() => {
    throw new Error("A composing thread ended without an answer.");
  });
  ended.catch(() => undefined);
  try {
    const [answer] = (await Promise.race([once(worker, "message"), ended])) as [Composition];
    return answer;
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
};
