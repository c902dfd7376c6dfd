import { afterLast, before, type Edit, type Plan } from "./edit.ts";

/** What composes, generates, builds and starts the subgraphs of this repository. */
export const CODE: readonly Edit[] = [
  {
    path: "schema/supergraph.yaml",
    apply: (text, { subgraph, port }) =>
      `${text.trimEnd()}
  ${subgraph.kebab}:
    routing_url: http://localhost:${port}/graphql
    schema:
      file: ../subgraphs/${subgraph.kebab}/schema.graphql
`,
  },
  {
    path: "codegen.ts",
    apply: (text, { subgraph, entity, owner }) =>
      before(
        "codegen.ts",
        text,
        / {2}\},\n\};\n\nexport default config;/,
        `    ...(await subgraph("${subgraph.kebab}", {
      ${entity.pascal}: "../db/schema.ts#${entity.pascal}Row",
      ${entity.pascal}Connection: "../resolvers/models.ts#${entity.pascal}ConnectionModel",
      ${owner.pascal}: "../resolvers/models.ts#${owner.pascal}Model",
    })),
`,
      ),
  },
  {
    path: "tsconfig.json",
    apply: (text, { subgraph }) =>
      afterLast(
        "tsconfig.json",
        text,
        /\n {4}\{ "path": "subgraphs\/\w+" \},/,
        `\n    { "path": "subgraphs/${subgraph.kebab}" },`,
      ),
  },
  {
    path: "embedded/tsconfig.json",
    apply: (text, { subgraph }) =>
      afterLast(
        "embedded/tsconfig.json",
        text,
        /\n {4}\{\n {6}"path": "\.\.\/subgraphs\/\w+"\n {4}\},/,
        `\n    {\n      "path": "../subgraphs/${subgraph.kebab}"\n    },`,
      ),
  },
  { path: "embedded/package.json", apply: withDependency },
  {
    path: "embedded/src/subgraphs.ts",
    apply: (text, { subgraph, port }) =>
      before(
        "embedded/src/subgraphs.ts",
        text,
        /\} as const satisfies /,
        `  ${subgraph.kebab}: {
    port: ${port - ROUTER_PORT},
    load: async () => {
      const { migrate${subgraph.pascal}, start${subgraph.pascal}Subgraph } = await import("@supergraph/${subgraph.kebab}/server");
      return { migrate: migrate${subgraph.pascal}, start: ({ config, deps }) => start${subgraph.pascal}Subgraph(config, deps) };
    },
  },
`,
      ),
  },
];

const ROUTER_PORT = 4000;

function withDependency(text: string, { subgraph }: Plan): string {
  const { dependencies, ...rest } = JSON.parse(text) as { dependencies: Record<string, string> };
  const all = Object.entries({ ...dependencies, [`@supergraph/${subgraph.kebab}`]: "*" });
  const sorted = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ ...rest, dependencies: sorted }, null, 2)}\n`;
}
