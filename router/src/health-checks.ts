import { beginServerSpan, type Logger, type ReadinessCheck } from "@supergraph/service";
import type { Generations } from "./generations/generations.ts";
import type { Supply } from "./generations/supply.ts";
import type { CallContext } from "./subgraphs/call.ts";
import type { SubgraphClient } from "./subgraphs/client.ts";

const HEALTH_TIMEOUT_MS = 1_500;
const HEALTH_REMEMBERED_MS = 2_000;

/** Whether what serves is what the source has. A router on the former supergraph still answers. */
export const supergraphCheck = (generations: Generations, supply: Supply): ReadinessCheck => ({
  name: "supergraph",
  async check() {
    const { refused } = generations.state();
    if (refused) throw new Error(`The supergraph ${refused.hash} cannot be served.`);
    if (!supply.isReachable()) throw new Error("The source of the supergraph cannot be read.");
  },
});

/** Told, but not decisive: a router without one subgraph still answers everything else. */
export const createSubgraphCheck = (client: SubgraphClient, log: Logger): ReadinessCheck => {
  let last: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const context: CallContext = {
      viewer: null,
      correlationId: "health-check",
      clientHeaders: {},
      span: beginServerSpan("health check", {}),
      log: log.child({}, { level: "silent" }),
    };
    const answer = await client.probe(context, AbortSignal.timeout(HEALTH_TIMEOUT_MS));
    context.span.end(answer.kind === "failed");
    if (answer.kind === "failed") throw new Error(answer.failure);
  };
  return {
    name: client.name,
    // Probes of many load balancers cost a subgraph one call.
    check() {
      if (last) return last;
      const asked = ask();
      last = asked;
      setTimeout(() => {
        last = undefined;
      }, HEALTH_REMEMBERED_MS).unref();
      return asked;
    },
  };
};
