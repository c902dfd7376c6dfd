import { gauge, type MetricSource } from "@supergraph/service";
import { CIRCUIT_STATES, type Circuit } from "./circuit.ts";

const BREAKER = "supergraph_provider_breaker";

/** Of this process: each finds out about the provider by itself. */
export const circuitSource = ({ state }: Pick<Circuit, "state">): MetricSource => ({
  name: "circuit",
  metrics: [
    gauge(BREAKER, "1 for the state that the payment provider's circuit breaker is in: closed, half-open, open.", [
      "state",
    ]),
  ],
  read() {
    const current = state();
    return CIRCUIT_STATES.map((one) => ({ metric: BREAKER, value: one === current ? 1 : 0, labels: { state: one } }));
  },
});
