import { ahead, behind, type Edit, each, nameOf } from "./edit.ts";

/** Who is asked for numbers, and what the catalogue of them says. Who is missed when nobody answers is for people to decide. */
export const OBSERVABILITY: readonly Edit[] = [
  each(
    "deploy/observability/prometheus/prometheus.yml",
    ahead(
      / {2}- job_name: sandbox-provider\n/,
      (plan) => `  - job_name: ${nameOf(plan)}
    dns_sd_configs: [{ names: [${nameOf(plan)}], type: A, port: ${plan.port}, refresh_interval: 15s }]
`,
    ),
  ),
  each(
    "scripts/metrics-docs/catalogue.ts",
    behind(/export const SUBGRAPHS = \[[^\]]*(?=\] as const;)/, (plan) => `, "${nameOf(plan)}"`),
    ahead(
      / {4}"sandbox-provider": definitionsOf\(/,
      (plan) => `    ${nameOf(plan)}: definitionsOf(SOURCES_OF_ALL_SUBGRAPHS),\n`,
    ),
  ),
];
