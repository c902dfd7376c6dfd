import type { KV, NatsConnection } from "nats";
import { REPORT_TTL_MS } from "../live.ts";

export interface Buckets {
  /** `pointer.<environment>`, `artifact.<hash>` (how many pieces it has), `artifact.<hash>.<piece>`. */
  readonly registry: KV;
  /** `router.<environment>.<router>`: what nobody says again for a while is dropped by the broker. */
  readonly routers: KV;
}

export const openBuckets = async (
  connection: NatsConnection,
  options: {
    readonly namespace?: string | undefined;
    readonly replicas?: number | undefined;
    readonly makes: boolean;
    readonly timeoutMs: number;
  },
): Promise<Buckets> => {
  const { namespace, replicas = 1, makes, timeoutMs } = options;
  const stream = connection.jetstream({ timeout: timeoutMs });
  const name = namespace === undefined ? "SUPERGRAPH_REGISTRY" : `${namespace}_SUPERGRAPH_REGISTRY`;
  // Read from the leader: what a replica that lags behind answers would be another version for a moment.
  const common = { history: 1, replicas, allow_direct: false, bindOnly: !makes };
  return {
    registry: await stream.views.kv(name, { ...common, description: "What is live in each environment." }),
    routers: await stream.views.kv(`${name}_ROUTERS`, {
      ...common,
      ttl: REPORT_TTL_MS,
      description: "What each router serves.",
    }),
  };
};
