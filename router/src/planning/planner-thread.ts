import { parentPort, workerData } from "node:worker_threads";
import { ConfigError } from "@supergraph/service/config";
import { planOperation } from "./local-planner.ts";
import type { ThreadData, ThreadMessage, ThreadQuestion } from "./messages.ts";
import { type LoadedSupergraph, loadSupergraph } from "./supergraph.ts";

/** The whole of a planning thread, see `thread-planner.ts`. */
const port = parentPort;
if (!port) throw new Error("This is the program of a thread.");

const say = (message: ThreadMessage): void => port.postMessage(message);

const load = (): LoadedSupergraph | undefined => {
  try {
    return loadSupergraph((workerData as ThreadData).sdl);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    say({ kind: "failed", isExpected: error instanceof ConfigError, message });
    return undefined;
  }
};

const supergraph = load();
if (supergraph) {
  say({ kind: "opened", facts: supergraph.facts });
  port.on("message", (question: ThreadQuestion) => {
    try {
      say({ kind: "answer", answer: planOperation(supergraph, question) });
    } catch (error) {
      const { message, stack } = error instanceof Error ? error : new Error(String(error));
      say({ kind: "fault", message, stack });
    }
  });
}
