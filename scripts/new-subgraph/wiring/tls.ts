import { environmentOf } from "../names.ts";
import { ahead, atEnd, behind, type Edit, each, nameOf } from "./edit.ts";

/** The composition with TLS between all of them. */
export const TLS: readonly Edit[] = [
  each(
    "deploy/compose/tls.yml",
    ahead(
      / {6}- tls-sandbox-provider:\/tls\/sandbox-provider\n/,
      (plan) => `      - tls-${nameOf(plan)}:/tls/${nameOf(plan)}\n`,
    ),
    ahead(
      / {2}example-shop:\n/,
      (plan) => `  migrate-${nameOf(plan)}:
    environment: { NODE_EXTRA_CA_CERTS: /run/tls/ca.pem }
    volumes: ["tls-${nameOf(plan)}:/run/tls:ro"]
`,
    ),
    ahead(
      / {2}sandbox-provider:\n/,
      (plan) => `  ${nameOf(plan)}:
    environment: { NODE_EXTRA_CA_CERTS: /run/tls/ca.pem }
    volumes: ["tls-${nameOf(plan)}:/run/tls:ro"]
    networks: !override { ${nameOf(plan)}-and-edge: {}, database: {} }
`,
    ),
    behind(
      /\n {6}SUBGRAPH_URL_[A-Z]+: http:\S+/,
      ({ subgraph, port }) => `\n      SUBGRAPH_URL_${environmentOf(subgraph)}: http://router-edge:${port}/graphql`,
    ),
    ahead(
      / {2}sandbox-provider-edge:\n/,
      (plan) => `  ${nameOf(plan)}-edge:
    <<: *edge
    depends_on:
      certificates: { condition: service_completed_successfully }
    command: [haproxy, -W, -db, -f, /etc/edge/common.cfg, -f, /etc/edge/inbound.cfg]
    environment: { SERVICE: ${nameOf(plan)}, PORT: "${plan.port}", CALLER: router, OTHER_CALLER: router }
    volumes:
      - tls-${nameOf(plan)}:/run/tls:ro
      - ./deploy/compose/tls/common.cfg:/etc/edge/common.cfg:ro
      - ./deploy/compose/tls/inbound.cfg:/etc/edge/inbound.cfg:ro
    networks: [graph, ${nameOf(plan)}-and-edge]
`,
    ),
    ahead(
      / {2}sandbox-provider-and-edge: \{ internal: true \}/,
      (plan) => `  ${nameOf(plan)}-and-edge: { internal: true }\n`,
    ),
    ahead(/ {2}tls-sandbox-provider: \{\}/, (plan) => `  tls-${nameOf(plan)}: {}\n`),
  ),
  each(
    "deploy/compose/tls/certificates.sh",
    ahead(/ sandbox-provider postgres nats operator; do/, (plan) => ` ${nameOf(plan)}`),
  ),
  each(
    "deploy/compose/tls/from-router.cfg",
    atEnd(
      ({ subgraph: { kebab: name }, port }) => `
listen to-${name}
  bind :${port}
  server ${name} ${name}-edge:8443 ssl crt /run/tls/both.pem ca-file /run/tls/ca.pem verify required verifyhost ${name} resolvers docker init-addr libc,none
`,
    ),
  ),
];
