import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCatalogue, aCategory, aProduct, aVariant } from "./testing/catalogue.ts";
import { dataOf, type Shop, startShop } from "./testing/shop.ts";

const root = aCategory();
const leaves = Array.from({ length: 10 }, () => aCategory({ parentId: root.id }));
const products = Array.from({ length: 60 }, (_, i) =>
  aProduct({
    title: `Lamp ${i}`,
    categoryIds: [leaves[i % 10]?.id ?? "", leaves[(i + 1) % 10]?.id ?? ""],
    variants: [aVariant(), aVariant()],
  }),
);

let shop: Shop;
beforeAll(async () => {
  shop = await startShop(aCatalogue({ categories: [root, ...leaves], products }));
});
afterAll(() => shop.stop());

const costOf = async (query: string, variables: Record<string, unknown> = {}): Promise<number> =>
  (await shop.statementsOf(() => dataOf(shop.support(query, variables)))).length;

describe("the number of statements", () => {
  const page = (size: number, search = "") => `{ products(first: ${size}${search}) {
    totalCount
    edges { node {
      title priceRange { min { amount } } categories { name parent { name } }
      variants { sku price { amount } availability availableQuantity product { title } }
    } }
  } }`;

  it("of a page of products with everything in it does not grow with the page", async () => {
    expect(await costOf(page(1))).toBe(7);
    expect(await costOf(page(50))).toBe(7);
  });

  it("of a search is one more: whether anything has its words", async () => {
    expect(await costOf(page(50, ', search: "lamp"'))).toBe(8);
  });

  it("of 100 entities is as that of one", async () => {
    const variants = products.flatMap((product) => product.variants).slice(0, 100);
    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on ProductVariant { sku availability product { slug } } ... on Product { title } ... on Category { name }
    } }`;
    const asReference = ({ id }: { id: string }) => ({ __typename: "ProductVariant", id });
    const others = [
      ...products.map(({ id }) => ({ __typename: "Product", id })),
      ...products.map(({ slug }) => ({ __typename: "Product", slug })),
      ...leaves.map(({ id }) => ({ __typename: "Category", id })),
    ];
    expect(await costOf(query, { representations: variants.slice(0, 1).map(asReference) })).toBe(3);
    expect(await costOf(query, { representations: variants.map(asReference) })).toBe(3);
    // By id, by slug, categories; the products of the variants are among those that were asked for by id.
    expect(await costOf(query, { representations: [...variants.map(asReference), ...others] })).toBeLessThanOrEqual(6);
  });

  it("of all categories with a page of products each does not grow with the categories", async () => {
    expect(
      await costOf(
        "{ categories { children { name parent { name } products(first: 5) { totalCount edges { node { title variants { sku } } } } } } }",
      ),
    ).toBe(7);
  });
});
