import { describe, expect, it } from "vitest";
import type { Finding } from "../findings/finding.ts";
import { indexDefinitions } from "../revisions/definitions.ts";
import { composeDocuments, parseSubgraphs } from "./compose.ts";
import { composeErrorFindings } from "./findings.ts";
import { unsatisfiableMutationOf } from "./satisfiability.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@override"])`;

/** By the names of the subgraphs, in any order. */
const findingsOf = (bodies: Readonly<Record<string, string>>): Finding[] => {
  const sources = Object.entries(bodies).map(([name, body]) => ({
    name,
    url: `http://localhost/${name}`,
    path: `${name}.graphql`,
    sdl: `${LINK}\n${body}`,
  }));
  const parsed = parseSubgraphs(sources);
  if (parsed.kind === "failed") throw new Error("these subgraphs cannot be parsed");
  const composition = composeDocuments(parsed.subgraphs);
  if (composition.kind === "composed") throw new Error("these subgraphs compose");
  return composeErrorFindings(composition.errors, indexDefinitions(parsed.subgraphs, "head"));
};

const PRODUCTS = `type Query { product: Product }\ntype Product @key(fields: "id") { id: ID! name: String }`;

describe("what no way through the subgraphs leads to", () => {
  it("is one finding for one missing key, both ways, placed first where the key is to be given", () => {
    const findings = findingsOf({
      products: PRODUCTS,
      reviews: "type Query { top: Product }\ntype Product { stars: Int best: String }",
    });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      code: "SATISFIABILITY_ERROR",
      coordinate: "Product",
      subgraphs: ["products", "reviews"],
      message:
        "Product has no @key in reviews: Product.best and Product.stars cannot be reached from products; Product.id and Product.name cannot be reached from reviews.",
    });
    expect(findings[0]?.locations[0]).toEqual({ path: "reviews.graphql", line: 3, column: 6, side: "head" });
  });

  it("is one finding for one type, of however many subgraphs lack its key", () => {
    const findings = findingsOf({
      products: PRODUCTS,
      reviews: "type Query { top: Product }\ntype Product { stars: Int }",
      stock: "type Query { scarce: Product }\ntype Product { count: Int }",
    });
    expect(findings.map(({ message }) => message.split(":")[0])).toEqual(["Product has no @key in reviews and stock"]);
  });

  it("keeps what two types lack apart", () => {
    const findings = findingsOf({
      products: `${PRODUCTS}\ntype Maker @key(fields: "id") { id: ID! }\nextend type Query { maker: Maker }`,
      reviews: "type Query { top: Product maker2: Maker }\ntype Product { stars: Int }\ntype Maker { fame: Int }",
    });
    expect(findings.map(({ coordinate }) => coordinate)).toEqual(["Maker", "Product"]);
  });

  it("tells a few of many fields, and the place of every one", () => {
    const fields = ["a", "b", "c", "d", "e", "f"].map((name) => `${name}: Int`).join("\n");
    const [finding] = findingsOf({
      products: `type Query { product: Product }\ntype Product { ${fields} }`,
      reviews: "type Query { top: Product }\ntype Product { stars: Int }",
    });
    expect(finding?.message).toContain("Product.a, Product.b, Product.c and 3 more cannot be reached from reviews");
    expect(finding?.locations.filter(({ path }) => path === "products.graphql")).toHaveLength(7);
  });

  it("tells some of very many reasons, and how many more there are", () => {
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const keyed = names.map((name) => [
      name,
      `type Query { ${name}: Product }\ntype Product @key(fields: "id") { id: ID! of_${name}: Int }`,
    ]);
    const findings = findingsOf({
      ...Object.fromEntries(keyed),
      reviews: "type Query { top: Product }\ntype Product { stars: Int }",
    });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.details).toHaveLength(13);
    expect(findings[0]?.details.at(-2)).toMatch(/^and \d+ more reasons of the kind$/);
  });

  it("gives the same words whatever the order of the subgraphs", () => {
    const reviews = "type Query { top: Product }\ntype Product { stars: Int }";
    const stock = `type Query { scarce: Product }\ntype Product @key(fields: "sku") { sku: ID! }`;
    const told = (findings: readonly Finding[]) =>
      findings.map(({ message, coordinate }) => `${coordinate}: ${message}`);
    expect(told(findingsOf({ stock, reviews, products: PRODUCTS }))).toEqual(
      told(findingsOf({ products: PRODUCTS, reviews, stock })),
    );
  });

  it("tells of a mutation, which is sent to one subgraph only, what either lacks", () => {
    const [finding, ...others] = findingsOf({
      products: "type Query { product: Int }\ntype Mutation { add: Cart @shareable }\ntype Cart { total: Int }",
      carts: "type Mutation { add: Cart @shareable }\ntype Cart { lines: Int }",
    });
    expect(others).toEqual([]);
    expect(finding?.message).toBe(
      "Mutation.add is sent to one subgraph only, and neither of carts and products can answer all that it gives: Cart.total cannot be reached from carts; Cart.lines cannot be reached from products.",
    );
    expect(finding?.locations).toHaveLength(4);
    expect(finding?.details.at(-1)).toMatch(/^for example: mutation \{ add \{ (total|lines) \} \}$/);
  });

  it("takes no other text for that of a mutation", () => {
    expect(unsatisfiableMutationOf("The following supergraph API query: { a }")).toBeNull();
  });
});
