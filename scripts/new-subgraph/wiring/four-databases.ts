import { environmentOf } from "../names.ts";
import { ahead, behind, type Edit, each, nameOf } from "./edit.ts";

/** The composition with a database server for each. */
export const FOUR_DATABASES: readonly Edit[] = [
  each(
    "deploy/compose/four-databases.yml",
    behind(
      /\n {6}[A-Z]+_DATABASE_HOST: postgres-\w+/,
      ({ subgraph }) => `\n      ${environmentOf(subgraph)}_DATABASE_HOST: postgres-${subgraph.kebab}`,
    ),
    ahead(
      / {2}migrate-users:\n/,
      (plan) => `  postgres-${nameOf(plan)}:
    extends: { file: docker-compose.yml, service: postgres }
    environment: { DATABASES: ${nameOf(plan)} }
    volumes: ["postgres-${nameOf(plan)}:/var/lib/postgresql/data"]
    networks: !override { database-${nameOf(plan)}: {} }

`,
    ),
    ahead(
      /\nnetworks:\n/,
      (plan) => `  migrate-${nameOf(plan)}:
    depends_on: !override
      keys: { condition: service_completed_successfully }
      postgres-${nameOf(plan)}: { condition: service_healthy }
    networks: !override { database-${nameOf(plan)}: {} }
  ${nameOf(plan)}:
    depends_on: !override
      postgres-${nameOf(plan)}: { condition: service_healthy }
      migrate-${nameOf(plan)}: { condition: service_completed_successfully }
    networks: !override { graph: {}, database-${nameOf(plan)}: {} }
`,
    ),
    behind(/\n {2}database-\w+: \{ internal: true \}/, (plan) => `\n  database-${nameOf(plan)}: { internal: true }`),
    behind(/\n {2}postgres-\w+: \{\}/, (plan) => `\n  postgres-${nameOf(plan)}: {}`),
  ),
];
