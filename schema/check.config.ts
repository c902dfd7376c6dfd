import { defineCheckConfig } from "@supergraph/schema/config";

export default defineCheckConfig({
  artifacts: { supergraph: "supergraph.graphql", api: "api.graphql" },
});
