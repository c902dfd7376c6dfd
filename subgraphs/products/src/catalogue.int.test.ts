import { newId } from "@supergraph/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCatalogue, aCategory, aProduct, aVariant } from "./testing/catalogue.ts";
import { codesOf, dataOf, type Shop, startShop } from "./testing/shop.ts";

const electronics = aCategory({ slug: "electronics", name: "Electronics" });
const audio = aCategory({ slug: "audio", name: "Audio", parentId: electronics.id });
const headphones = aCategory({ slug: "headphones", name: "Headphones", parentId: audio.id });
const garden = aCategory({ slug: "garden", name: "Garden" });

const plenty = aVariant({ title: "Black", options: [{ name: "Colour", value: "Black" }], price: 9_900n, onHand: 6 });
const few = aVariant({ title: "White", price: 8_950n, onHand: 5 });
const none = aVariant({ title: "Red", price: 12_000n, onHand: 0 });
const overEar = aProduct({
  slug: "over-ear",
  title: "Over-ear headphones 🎧",
  description: "Closed, with “quotes” & ümläuts.",
  categoryIds: [headphones.id, electronics.id],
  variants: [plenty, few, none],
});
const draft = aProduct({ slug: "draft", status: "DRAFT", categoryIds: [headphones.id] });
const archived = aProduct({ slug: "archived", status: "ARCHIVED", categoryIds: [headphones.id] });

let shop: Shop;
beforeAll(async () => {
  shop = await startShop(
    aCatalogue({ categories: [headphones, audio, electronics, garden], products: [overEar, draft, archived] }),
  );
});
afterAll(() => shop.stop());

describe("a product", () => {
  const fields = `id slug title description status createdAt
    priceRange { min { amount minorUnits currency } max { amount } }
    categories { slug } variants { id sku title options { name value } price { amount } availability product { id } }`;

  it("is found by its id and by its slug, with everything that belongs to it", async () => {
    const { byId, bySlug } = await dataOf<Record<string, unknown>>(
      shop.guest(
        `query ($id: ID!) { byId: product(id: $id) { ${fields} } bySlug: product(slug: "over-ear") { ${fields} } }`,
        { id: overEar.id },
      ),
    );
    expect(byId).toEqual(bySlug);
    expect(byId).toEqual({
      id: overEar.id,
      slug: "over-ear",
      title: "Over-ear headphones 🎧",
      description: "Closed, with “quotes” & ümläuts.",
      status: "ACTIVE",
      createdAt: overEar.createdAt.toISOString(),
      priceRange: { min: { amount: "89.50", minorUnits: "8950", currency: "EUR" }, max: { amount: "120.00" } },
      categories: [{ slug: "electronics" }, { slug: "headphones" }],
      variants: [
        expect.objectContaining({
          id: plenty.id,
          title: "Black",
          options: [{ name: "Colour", value: "Black" }],
          price: { amount: "99.00" },
          availability: "IN_STOCK",
          product: { id: overEar.id },
        }),
        expect.objectContaining({ id: few.id, availability: "LOW_STOCK" }),
        expect.objectContaining({ id: none.id, availability: "OUT_OF_STOCK" }),
      ],
    });
  });

  it("needs exactly one of id and slug", async () => {
    expect(await codesOf(shop.guest("{ product { id } }"))).toEqual(["BAD_USER_INPUT"]);
    expect(await codesOf(shop.guest(`{ product(id: "${overEar.id}", slug: "over-ear") { id } }`))).toEqual([
      "BAD_USER_INPUT",
    ]);
  });

  it.each([
    ["an unknown id", newId("prd")],
    ["an id of another type", plenty.id],
    ["an empty id", ""],
    ["a NUL", "prd_\0"],
    ["a broken surrogate", "\ud800"],
    ["a very long text", "x".repeat(100_000)],
  ])("is null for %s", async (_, text) => {
    expect(
      await dataOf(
        shop.guest(
          "query ($text: String! $id: ID!) { byId: product(id: $id) { id } bySlug: product(slug: $text) { id } category(slug: $text) { id } }",
          { id: text, text },
        ),
      ),
    ).toEqual({ byId: null, bySlug: null, category: null });
  });

  it("is not found by a customer while it is a draft or after it was archived", async () => {
    const query = `query ($draft: ID!, $archived: ID!) {
      a: product(id: $draft) { id } b: product(slug: "draft") { id } c: product(id: $archived) { id } d: product(slug: "archived") { id }
    }`;
    const ids = { draft: draft.id, archived: archived.id };
    const nothing = { a: null, b: null, c: null, d: null };
    expect(await dataOf(shop.guest(query, ids))).toEqual(nothing);
    expect(await dataOf(shop.customer(query, ids))).toEqual(nothing);
    expect(await dataOf(shop.support(query, ids))).toEqual({
      a: { id: draft.id },
      b: { id: draft.id },
      c: { id: archived.id },
      d: { id: archived.id },
    });
  });
});

describe("what can be had of a variant", () => {
  const query = `{ product(slug: "over-ear") { variants { availableQuantity } } }`;

  it("is counted for who may read the stock", async () => {
    expect(await dataOf(shop.support(query))).toEqual({
      product: { variants: [{ availableQuantity: 6 }, { availableQuantity: 5 }, { availableQuantity: 0 }] },
    });
  });

  it("is not counted for customers and guests, and the rest of the product is still answered", async () => {
    const guest = await shop.guest(query);
    expect(guest.data).toEqual({ product: { variants: Array(3).fill({ availableQuantity: null }) } });
    expect(guest.errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(3).fill("UNAUTHENTICATED"));
    expect(await codesOf(shop.customer(query))).toEqual(Array(3).fill("FORBIDDEN"));
  });

  it("is nothing where the product is no longer sold", async () => {
    const query = `{ product(slug: "archived") { variants { availability availableQuantity } } }`;
    expect(await dataOf(shop.support(query))).toEqual({
      product: { variants: [{ availability: "OUT_OF_STOCK", availableQuantity: 10 }] },
    });
  });
});

describe("categories", () => {
  it("are a tree, read from its roots down and from a leaf up", async () => {
    const names = "slug children { slug children { slug children { slug } } }";
    expect(
      await dataOf(
        shop.guest(
          `{ categories { ${names} } category(slug: "headphones") { slug parent { slug parent { slug parent { slug } } } } }`,
        ),
      ),
    ).toEqual({
      categories: [
        {
          slug: "electronics",
          children: [{ slug: "audio", children: [{ slug: "headphones", children: [] }] }],
        },
        { slug: "garden", children: [] },
      ],
      category: { slug: "headphones", parent: { slug: "audio", parent: { slug: "electronics", parent: null } } },
    });
  });

  it("list the active products in them and below them, once each", async () => {
    const products = "products { totalCount edges { node { slug } } }";
    const { categories, category } = await dataOf<Record<string, unknown>>(
      shop.admin(`{ categories { slug ${products} } category(slug: "audio") { ${products} } }`),
    );
    const found = { products: { totalCount: 1, edges: [{ node: { slug: "over-ear" } }] } };
    expect(category).toEqual(found);
    expect(categories).toEqual([
      { slug: "electronics", ...found },
      { slug: "garden", products: { totalCount: 0, edges: [] } },
    ]);
  });
});

describe("entities that other subgraphs refer to", () => {
  const query = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      ... on Product { id slug } ... on ProductVariant { id weightGrams } ... on Category { slug }
    }
  }`;
  const representations = [
    { __typename: "Product", id: overEar.id },
    { __typename: "Product", slug: "archived" },
    { __typename: "Product", id: draft.id },
    { __typename: "Product", slug: "draft" },
    { __typename: "ProductVariant", id: plenty.id },
    { __typename: "ProductVariant", id: archived.variants[0]?.id },
    { __typename: "ProductVariant", id: draft.variants[0]?.id },
    { __typename: "ProductVariant", id: newId("var") },
    { __typename: "Category", id: audio.id },
    { __typename: "Category", id: "nonsense\0" },
  ];

  it("resolve for everybody, archived ones too, but not drafts and not what does not exist", async () => {
    for (const who of [shop.guest, shop.customer])
      expect(await dataOf(who(query, { representations }))).toEqual({
        _entities: [
          { id: overEar.id, slug: "over-ear" },
          { id: archived.id, slug: "archived" },
          null,
          null,
          { id: plenty.id, weightGrams: 250 },
          { id: archived.variants[0]?.id, weightGrams: 250 },
          null,
          null,
          { slug: "audio" },
          null,
        ],
      });
  });

  it("resolve drafts for who may read the whole catalogue", async () => {
    const { _entities } = await dataOf<{ _entities: unknown[] }>(shop.support(query, { representations }));
    expect(_entities.slice(2, 4)).toEqual([
      { id: draft.id, slug: "draft" },
      { id: draft.id, slug: "draft" },
    ]);
    expect(_entities[6]).toEqual({ id: draft.variants[0]?.id, weightGrams: 250 });
  });
});
