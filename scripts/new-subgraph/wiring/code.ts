import { ahead, atEnd, behind, type Edit, each, nameOf } from "./edit.ts";

/** What composes, generates, builds and starts the subgraphs of this repository. */
export const CODE: readonly Edit[] = [
  each(
    "schema/supergraph.yaml",
    atEnd(
      (plan) => `  ${nameOf(plan)}:
    routing_url: http://localhost:${plan.port}/graphql
    schema:
      file: ../subgraphs/${nameOf(plan)}/schema.graphql
`,
    ),
  ),
  each(
    "codegen.ts",
    ahead(
      / {2}\},\n\};\n\nexport default config;/,
      ({ subgraph, entity, owner }) => `    ...(await subgraph("${subgraph.kebab}", {
      ${entity.pascal}: "../db/schema.ts#${entity.pascal}Row",
      ${entity.pascal}Connection: "../resolvers/models.ts#${entity.pascal}ConnectionModel",
      ${owner.pascal}: "../resolvers/models.ts#${owner.pascal}Model",
    })),
`,
    ),
  ),
  each(
    "tsconfig.json",
    behind(/\n {4}\{ "path": "subgraphs\/\w+" \},/, (plan) => `\n    { "path": "subgraphs/${nameOf(plan)}" },`),
  ),
  each(
    "embedded/tsconfig.json",
    behind(
      /\n {4}\{\n {6}"path": "\.\.\/subgraphs\/\w+"\n {4}\},/,
      (plan) => `\n    {\n      "path": "../subgraphs/${nameOf(plan)}"\n    },`,
    ),
  ),
  { path: "embedded/package.json", apply: (text, plan) => withDependency(text, `@supergraph/${nameOf(plan)}`) },
  each(
    "embedded/src/subgraphs.ts",
    ahead(
      /\} as const satisfies /,
      ({ subgraph: { kebab, pascal }, port }) => `  ${kebab}: {
    port: ${port - ROUTER_PORT},
    load: async () => {
      const { migrate${pascal}, start${pascal}Subgraph } = await import("@supergraph/${kebab}/server");
      return { migrate: migrate${pascal}, start: ({ config, deps }) => start${pascal}Subgraph(config, deps) };
    },
  },
`,
    ),
  ),
];

const ROUTER_PORT = 4000;

const withDependency = (text: string, name: string): string => {
  const { dependencies, ...rest } = JSON.parse(text) as { dependencies: Record<string, string> };
  const all = Object.entries({ ...dependencies, [name]: "*" });
  const sorted = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ ...rest, dependencies: sorted }, null, 2)}\n`;
};
