import type { GatewayName } from "./gateways.ts";
import type { Measurement } from "./measure.ts";
import type { QueryName } from "./queries.ts";

/** What was measured with unique `Authorization`, of which only the speed matters. */
export const aMeasurement = (
  gateway: GatewayName,
  query: QueryName,
  operationsPerCpuSecond: number,
  traffic: Measurement["traffic"] = "unique",
): Measurement => ({
  gateway,
  query,
  traffic,
  operationsPerCpuSecond,
  operationsPerSecond: operationsPerCpuSecond,
  busyCores: 1,
  p50Ms: 1,
  p99Ms: 2,
  lowestPerCpuSecond: operationsPerCpuSecond,
  highestPerCpuSecond: operationsPerCpuSecond,
  rounds: [],
});
