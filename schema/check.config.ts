import { existsSync, readdirSync } from "node:fs";
import type { CheckConfigInput } from "@supergraph/schema/config";

const folder = new URL("../subgraphs/", import.meta.url);
/** Of a subgraph that is gone, or on another branch, what it was built to may be left. */
const subgraphs = readdirSync(folder).filter((name) => existsSync(new URL(`${name}/schema.graphql`, folder)));

export default {
  artifacts: { supergraph: "supergraph.graphql", api: "api.graphql" },
  generated: [
    { file: "src/generated/operations.ts", from: ["api.graphql", "operations"] },
    ...subgraphs.map((name) => ({
      file: `../subgraphs/${name}/src/generated/resolvers.ts`,
      from: [`../subgraphs/${name}/schema.graphql`],
    })),
  ],
  events: "events.json",
  contracts: {
    // What shoppers' pages are built against: nothing of the back office.
    storefront: { exclude: ["admin"], clients: ["storefront"] },
  },
  severities: {
    // Names and shapes are for good once clients use them: they are put right before they are merged. All else of lint can follow.
    LINT_TYPE_NAME: "error",
    LINT_FIELD_NAME: "error",
    LINT_ARGUMENT_NAME: "error",
    LINT_INPUT_FIELD_NAME: "error",
    LINT_ENUM_VALUE_NAME: "error",
    LINT_LIST_UNPAGINATED: "error",
    LINT_CONNECTION_SHAPE: "error",
    LINT_CONNECTION_ARGUMENTS: "error",
    LINT_PAGE_INFO_SHAPE: "error",
    LINT_MUTATION_INPUT: "error",
    LINT_MUTATION_PAYLOAD: "error",
    LINT_PAYLOAD_USER_ERRORS: "error",
    LINT_INPUT_NAME: "error",
    LINT_NOT_AN_INPUT: "error",
    LINT_DEPRECATED_REQUIRED: "error",
  },
  lint: {
    inputSuffixes: ["Input", "Filter"],
    // `deleteAddress(id:)`, `shipOrder(id:, trackingNumber:)`: a type for one or two values would only be in the way.
    plainMutationArguments: 2,
    exempt: {
      LINT_LIST_UNPAGINATED: [
        // The shelves of the shop: the merchant's own, a few dozen, and there is no mutation that adds one.
        "Query.categories",
        "Category.children",
        "Product.categories",
        // At most 100: `ProductInput.variants` takes no more.
        "Product.variants",
      ],
    },
  },
} satisfies CheckConfigInput;
