import { OrdersWithEverythingDocument, ProductListDocument } from "@supergraph/schema/operations";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

/** Statements by subgraph since the last reset. What the services do by themselves is told apart by its text. */
const counts = new Map<string, string[]>();
const isBackground = (sql: string): boolean =>
  /outbox|inbox|sagas|operations|webhook_events|for update|^(insert|update|delete|begin|commit)/i.test(sql);

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({
    bus: "in-process",
    onQuery: (subgraph, sql) => {
      if (!isBackground(sql)) counts.set(subgraph, [...(counts.get(subgraph) ?? []), sql]);
    },
  });
});
afterAll(() => shop?.stop());

const statementsOf = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
  counts.clear();
  await work();
  return Object.fromEntries([...counts].map(([subgraph, statements]) => [subgraph, statements.length]));
};

/**
 * Of a small page and of a large one, equal. The example shop starts with orders under way: whoever looks between two
 * equal looks at the small one has found the services at rest.
 */
const equalStatements = (small: () => Promise<unknown>, large: () => Promise<unknown>) =>
  eventually(
    async () => {
      const before = await statementsOf(small);
      const statements = await statementsOf(large);
      expect(await statementsOf(small)).toEqual(before);
      expect(statements).toEqual(before);
      return statements;
    },
    { timeoutMs: 30_000 },
  );

describe("the number of SQL statements does not grow with a page", () => {
  it("of orders with lines, variants, products, customers and payments", async () => {
    const support = await shop.signIn("support");
    const page = (first: number) => async () => {
      const { data, error } = await support.query({ query: OrdersWithEverythingDocument, variables: { first } });
      expect(error).toBeUndefined();
      expect(data?.orders.edges).toHaveLength(first);
    };
    const large = await equalStatements(page(10), page(50));
    expect(Object.keys(large).sort()).toEqual(["orders", "payments", "products", "users"]);
    for (const statements of Object.values(large)) expect(statements).toBeLessThanOrEqual(5);
  });

  it("of products with variants and availability", async () => {
    const guest = shop.client();
    const page = (first: number) => async () => {
      const { data } = await guest.query({ query: ProductListDocument, variables: { first } });
      expect(data?.products.edges).toHaveLength(first);
    };
    const large = await equalStatements(page(2), page(50));
    expect(large.products).toBeLessThanOrEqual(4);
  });
});
