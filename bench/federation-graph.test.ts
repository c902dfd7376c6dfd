import { describe, expect, it } from "vitest";
import { createSubgraphExecutors, ONE_FETCH_QUERY } from "./federation-graph.ts";

const executors = createSubgraphExecutors();

describe("the subgraphs of the benchmark", () => {
  it("answer their own part of an entity", async () => {
    const answer = await executors.inventory(
      "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { inStock shippingEstimate } } }",
      { of: [{ __typename: "Product", upc: "1", price: 899, weight: 100 }] },
    );
    expect(JSON.parse(answer)).toEqual({ data: { _entities: [{ inStock: true, shippingEstimate: 50 }] } });
  });

  it("answer five products to who asks for no number", async () => {
    const { data } = JSON.parse(await executors.products(ONE_FETCH_QUERY, {})) as { data: { topProducts: unknown[] } };
    expect(data.topProducts).toHaveLength(5);
  });

  it("agree about a name that two of them can answer", async () => {
    expect(await executors.accounts("{ users { username } }", {})).toContain('"username":"user-1"');
    expect(
      await executors.reviews(
        "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { reviews { author { username } } } } }",
        { of: [{ __typename: "Product", upc: "3" }] },
      ),
    ).toContain('"username":"user-1"');
  });

  it("refuse what is not theirs, rather than answering null", async () => {
    await expect(executors.accounts("{ topProducts { upc } }", {})).rejects.toThrow(/accounts was asked/);
  });
});
