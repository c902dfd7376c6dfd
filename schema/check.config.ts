import { defineCheckConfig } from "@supergraph/schema/config";

export default defineCheckConfig({
  artifacts: { supergraph: "supergraph.graphql", api: "api.graphql" },
  generated: [
    { file: "src/generated/operations.ts", from: ["api.graphql", "operations"] },
    ...["users", "products", "orders", "payments"].map((name) => ({
      file: `../subgraphs/${name}/src/generated/resolvers.ts`,
      from: [`../subgraphs/${name}/schema.graphql`],
    })),
  ],
  events: "events.json",
});
