import { environmentOf } from "../names.ts";
import { ahead, behind, type Edit, each, nameOf } from "./edit.ts";

/** The composition of containers. */
export const COMPOSE: readonly Edit[] = [
  each(
    "docker-compose.yml",
    behind(
      /\n {6}- secrets-\w+:\/secrets\/\w+(?=\n {6}- secrets-sandbox-provider)/,
      (plan) => `\n      - secrets-${nameOf(plan)}:/secrets/${nameOf(plan)}`,
    ),
    behind(/\n {6}DATABASES: [\w ]+/, (plan) => ` ${nameOf(plan)}`),
    ahead(
      / {2}# Fills empty databases with the example shop/,
      (plan) => `  migrate-${nameOf(plan)}:
    <<: *migrate
    image: supergraph-${nameOf(plan)}:\${IMAGE_TAG:-latest}
    build:
      <<: *build
      args: { <<: *build-args, WORKSPACE: subgraphs/${nameOf(plan)} }
    volumes: [secrets-${nameOf(plan)}:/run/secrets/service:ro]

`,
    ),
    ahead(
      / {2}sandbox-provider:\n {4}<<: \*process/,
      (plan) => `  ${nameOf(plan)}: &${nameOf(plan)}
    <<: *process
    image: supergraph-${nameOf(plan)}:\${IMAGE_TAG:-latest}
    build:
      <<: *build
      args: { <<: *build-args, WORKSPACE: subgraphs/${nameOf(plan)} }
    depends_on:
      postgres: { condition: service_healthy }
      migrate-${nameOf(plan)}: { condition: service_completed_successfully }
    command: [--env-file=/run/secrets/service/service.env, dist/main.js]
    environment:
      LOG_LEVEL: \${LOG_LEVEL:-info}
      OTEL_TRACES_EXPORTER: *traces
      OTEL_EXPORTER_OTLP_ENDPOINT: *collector
      OTEL_TRACES_SAMPLER: *sampler
      OTEL_TRACES_SAMPLER_ARG: *sampled
    volumes: [secrets-${nameOf(plan)}:/run/secrets/service:ro]
    networks: [graph, database]
    healthcheck: *health
    deploy:
      resources: *limits

`,
    ),
    ahead(
      / {6}sandbox-provider: \{ condition: service_healthy \}\n {4}command/,
      (plan) => `      ${nameOf(plan)}: { condition: service_healthy }\n`,
    ),
    behind(
      /\n {6}SUBGRAPH_URL_[A-Z]+: http:\S+/,
      ({ subgraph, port }) =>
        `\n      SUBGRAPH_URL_${environmentOf(subgraph)}: http://${subgraph.kebab}:${port}/graphql`,
    ),
    ahead(
      / {2}router-2:\n/,
      (plan) => `  ${nameOf(plan)}-2:
    <<: *${nameOf(plan)}
    profiles: [scale]
    networks:
      graph: { aliases: [${nameOf(plan)}] }
      database: { aliases: [${nameOf(plan)}] }
`,
    ),
    ahead(/ {2}secrets-sandbox-provider: \{\}/, (plan) => `  secrets-${nameOf(plan)}: {}\n`),
  ),
  each(
    "deploy/compose/keys.mjs",
    behind(/const SUBGRAPHS = \[[^\]]*(?=\];)/, (plan) => `, "${nameOf(plan)}"`),
  ),
  each(
    "deploy/compose/rollout",
    ahead(/ router\)/, (plan) => ` ${nameOf(plan)}`),
  ),
  each(
    "deploy/compose/backup",
    ahead(/\)\(-2\)\?\$'/, (plan) => `|${nameOf(plan)}`),
  ),
];
