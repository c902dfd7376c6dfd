import { collectDefaultMetrics, Registry } from "prom-client";

export interface ProcessMetricsClaim {
  /** The numbers of the process, for who holds the claim; none otherwise. */
  registries(): readonly Registry[];
  release(): void;
}

let registry: Registry | undefined;
const claims = new Set<object>();

/**
 * CPU, memory, event loop and garbage collection of the process, prom-client's standard ones. Of several servers in one
 * process the one that claimed them first, of those that still run, tells them: summed over servers they would be wrong.
 */
export const claimProcessMetrics = (): ProcessMetricsClaim => {
  const claim = {};
  claims.add(claim);
  return {
    registries() {
      const [first] = claims;
      return first === claim ? [processRegistry()] : [];
    },
    release: () => void claims.delete(claim),
  };
};

/** Made once: its observers cannot be ended. */
export const processRegistry = (): Registry => {
  if (!registry) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
};
