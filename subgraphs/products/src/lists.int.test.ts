import { encodeCursor, newId } from "@supergraph/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCatalogue, aCategory, aProduct, aVariant } from "./testing/catalogue.ts";
import { codesOf, dataOf, type Shop, startShop } from "./testing/shop.ts";

interface Connection {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly slug: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
}

const SORTS = ["RELEVANCE", "PRICE_ASC", "PRICE_DESC", "NEWEST"] as const;

const QUERY = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: ProductFilter, $search: String, $sort: ProductSort) {
  products(first: $first, after: $after, last: $last, before: $before, filter: $filter, search: $search, sort: $sort) {
    edges { cursor node { slug } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}`;

const ADD_CHEAP_PRODUCT = `mutation ($slug: String!, $sku: String!) {
  upsertProduct(input: {
    slug: $slug, title: "Cheap and new", status: ACTIVE, variants: [{ sku: $sku, title: "One", price: "0.01", currency: "EUR" }]
  }) { product { id } }
}`;

const home = aCategory({ slug: "home" });
const lighting = aCategory({ slug: "lighting", parentId: home.id });
const toys = aCategory({ slug: "toys" });

/** Prices and dates have ties, and so has the relevance of "lamp". */
const lamps = Array.from({ length: 23 }, (_, i) =>
  aProduct({
    slug: `lamp-${i}`,
    title: i % 3 === 0 ? "Desk lamp" : "Reading lamp for the desk",
    categoryIds: [i % 2 === 0 ? lighting.id : home.id],
    createdAt: new Date(Date.UTC(2026, 0, 1 + (i % 4))),
    variants: [aVariant({ price: BigInt(1_000 + 500 * (i % 5)), onHand: i % 6 })],
  }),
);
const draft = aProduct({ slug: "draft", title: "Draft lamp", status: "DRAFT", categoryIds: [lighting.id] });
const archived = aProduct({ slug: "archived", title: "Archived lamp", status: "ARCHIVED" });
const train = aProduct({
  slug: "train",
  title: "Toy train",
  categoryIds: [toys.id],
  variants: [
    aVariant({ title: "Small", price: 2_000n, onHand: 0 }),
    aVariant({ title: "Large", price: 9_000n, onHand: 3 }),
  ],
});

let shop: Shop;
beforeAll(async () => {
  shop = await startShop(
    aCatalogue({ categories: [home, lighting, toys], products: [...lamps, draft, archived, train] }),
  );
});
afterAll(() => shop.stop());

const list = async (variables: Record<string, unknown>, who = shop.guest): Promise<Connection> =>
  (await dataOf<{ products: Connection }>(who(QUERY, variables))).products;

const slugsOf = ({ edges }: Connection): string[] => edges.map(({ node }) => node.slug);

/** Without a search there is no relevance. */
const orderOf = (sort: string, search: string | null) => (sort === "RELEVANCE" && search === null ? "NEWEST" : sort);

const walk = async (direction: "forward" | "backward", size: number, variables: Record<string, unknown>) => {
  const pages: Connection[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Connection = await list(
      direction === "forward"
        ? { ...variables, first: size, after: cursor }
        : { ...variables, last: size, before: cursor },
    );
    pages.push(page);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    cursor = direction === "forward" ? endCursor : startCursor;
    if (!(direction === "forward" ? hasNextPage : hasPreviousPage)) break;
  }
  return (direction === "forward" ? pages : pages.reverse()).flatMap(slugsOf);
};

describe.each([
  ...SORTS.map((sort) => ({ sort, search: null })),
  ...SORTS.map((sort) => ({ sort, search: "lamp" })),
])("a list sorted by $sort with the search $search", (variables) => {
  it("has every product once, walked forwards or backwards in pages of any size", async () => {
    const whole = await list({ ...variables, first: 100 });
    expect(new Set(slugsOf(whole)).size).toBe(variables.search ? lamps.length : lamps.length + 1);
    expect(whole.totalCount).toBe(whole.edges.length);
    expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    for (const size of [2, 7]) {
      expect(await walk("forward", size, variables)).toEqual(slugsOf(whole));
      expect(await walk("backward", size, variables)).toEqual(slugsOf(whole));
    }
  });

  it("goes back to where it came from", async () => {
    const first = await list({ ...variables, first: 5 });
    const second = await list({ ...variables, first: 5, after: first.pageInfo.endCursor });
    expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const back = await list({ ...variables, last: 5, before: second.pageInfo.startCursor });
    expect(slugsOf(back)).toEqual(slugsOf(first));
    expect(back.pageInfo.hasNextPage).toBe(true);
    expect(back.pageInfo.hasPreviousPage).toBe(false);
  });

  it("refuses a cursor of a list that is sorted or searched otherwise", async () => {
    const { pageInfo } = await list({ ...variables, first: 1 });
    for (const sort of SORTS)
      for (const search of [null, "lamp"]) {
        const same = orderOf(sort, search) === orderOf(variables.sort, variables.search) && search === variables.search;
        const errors = await codesOf(shop.guest(QUERY, { sort, search, first: 1, after: pageInfo.endCursor }));
        expect(errors).toEqual(same ? [] : ["BAD_USER_INPUT"]);
      }
  });
});

describe("a list of products", () => {
  it("is in the order that its sort names", async () => {
    const query = `query ($sort: ProductSort) { products(first: 100, sort: $sort) { edges { node { id createdAt priceRange { min { minorUnits } } } } } }`;
    const read = async (sort: string) => {
      const { products } = await dataOf<{
        products: { edges: { node: { id: string; createdAt: string; priceRange: { min: { minorUnits: string } } } }[] };
      }>(shop.guest(query, { sort }));
      return products.edges.map(({ node }) => node);
    };
    const prices = (await read("PRICE_ASC")).map(({ priceRange }) => Number(priceRange.min.minorUnits));
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    expect((await read("PRICE_DESC")).map(({ id }) => id)).toEqual(
      (await read("PRICE_ASC")).map(({ id }) => id).reverse(),
    );
    const dates = (await read("NEWEST")).map(({ createdAt }) => createdAt);
    expect(dates).toEqual([...dates].sort().reverse());
    expect((await read("RELEVANCE")).map(({ id }) => id)).toEqual((await read("NEWEST")).map(({ id }) => id));
  });

  it("neither loses nor repeats a product when others are added between two pages", async () => {
    for (const sort of ["PRICE_ASC", "NEWEST"]) {
      const before = slugsOf(await list({ sort, first: 100 }));
      const first = await list({ sort, first: 10 });
      const slug = `cheap-and-new-${sort.toLowerCase().replace("_", "-")}`;
      const { upsertProduct } = await dataOf<{ upsertProduct: { product: { id: string } } }>(
        shop.admin(ADD_CHEAP_PRODUCT, { slug, sku: slug }),
      );
      const rest = await list({ sort, first: 100, after: first.pageInfo.endCursor });
      expect([...slugsOf(first), ...slugsOf(rest)]).toEqual(before);
      await shop.sql`update products set status = 'ARCHIVED' where id = ${upsertProduct.product.id}`;
    }
  });

  it("is a page of 20 unless told otherwise", async () => {
    expect((await list({})).edges).toHaveLength(20);
    expect((await list({ first: 0 })).edges).toEqual([]);
    expect((await list({ first: 0 })).pageInfo).toMatchObject({
      hasNextPage: true,
      startCursor: null,
      endCursor: null,
    });
  });

  const aCursor = { order: "NEWEST", search: "none", id: newId("prd"), key: "0" };
  it.each([
    ["a negative first", { first: -1 }],
    ["a huge first", { first: 101 }],
    ["a negative last", { last: -1 }],
    ["a huge last", { last: 2_147_483_647 }],
    ["first and last together", { first: 1, last: 1 }],
    ["after with last", { last: 1, after: encodeCursor(aCursor) }],
    ["before with first", { first: 1, before: encodeCursor(aCursor) }],
    ["after and before together", { after: encodeCursor(aCursor), before: encodeCursor(aCursor) }],
    ["a cursor that is none", { after: "nonsense" }],
    ["an empty cursor", { after: "" }],
    ["a cursor of something else", { after: encodeCursor({ id: "prd_1" }) }],
    ["a cursor whose id is none", { after: encodeCursor({ ...aCursor, id: "prd_\0" }) }],
    ["a cursor whose date is no date", { after: encodeCursor({ ...aCursor, key: "999999999999999" }) }],
    [
      "a cursor whose price is no price",
      { sort: "PRICE_ASC", after: encodeCursor({ ...aCursor, order: "PRICE_ASC", key: "9".repeat(19) }) },
    ],
    [
      "a cursor whose rank is no number",
      { search: "lamp", after: encodeCursor({ ...aCursor, order: "RELEVANCE", search: "words", key: "9e999" }) },
    ],
    ["a search that is too long", { search: "a".repeat(201) }],
    ["a search of a megabyte", { search: "lamp ".repeat(200_000) }],
    ["a price with too many decimals", { filter: { minPrice: "1.999" } }],
    ["a price out of range", { filter: { maxPrice: "9".repeat(30) } }],
    ["prices in the wrong order", { filter: { minPrice: "2", maxPrice: "1" } }],
    ["a NUL in a slug", { filter: { categorySlug: "a\0" } }],
  ])("refuses %s as bad input", async (_, variables) => {
    expect(await codesOf(shop.guest(QUERY, variables))).toEqual(["BAD_USER_INPUT"]);
  });

  it("takes a rank that is too small for a number as zero", async () => {
    const after = encodeCursor({ order: "RELEVANCE", search: "words", id: newId("prd"), key: "1e-999" });
    expect((await list({ search: "lamp", after })).edges).toEqual([]);
  });

  it("names the argument at fault", async () => {
    const { errors } = await shop.guest(QUERY, { filter: { minPrice: "2", maxPrice: "1" } });
    expect(errors?.[0]?.extensions).toMatchObject({ argument: "filter.minPrice" });
  });

  it("counts only when asked", async () => {
    const statements = await shop.statementsOf(() => dataOf(shop.guest("{ products { edges { cursor } } }")));
    expect(statements.filter((statement) => statement.includes("count("))).toEqual([]);
  });
});

describe("a filter", () => {
  const inCategory = (id: string) => lamps.filter(({ categoryIds }) => categoryIds.includes(id)).length;

  it("by category includes the categories below", async () => {
    expect((await list({ filter: { categorySlug: "lighting" } })).totalCount).toBe(inCategory(lighting.id));
    expect((await list({ filter: { categorySlug: "home" } })).totalCount).toBe(lamps.length);
    expect((await list({ filter: { categorySlug: "unknown" } })).totalCount).toBe(0);
  });

  it("by price finds what has a variant at such a price, limits included", async () => {
    const totalOf = async (filter: object) => (await list({ filter: { categorySlug: "toys", ...filter } })).totalCount;
    expect(await totalOf({ minPrice: "20", maxPrice: "20.00" })).toBe(1);
    expect(await totalOf({ minPrice: "20.01", maxPrice: "89.99" })).toBe(0);
    expect(await totalOf({ minPrice: "90" })).toBe(1);
    expect(await totalOf({ maxPrice: "19.99" })).toBe(0);
    expect(await totalOf({ minPrice: "-5" })).toBe(1);
  });

  it("by stock finds what can be bought, and with a price what can be bought at that price", async () => {
    const soldOut = lamps.filter(({ variants }) => variants.every(({ onHand }) => onHand === 0)).length;
    expect((await list({ filter: { inStock: false } })).totalCount).toBe(soldOut);
    expect((await list({ filter: { inStock: true } })).totalCount).toBe(lamps.length + 1 - soldOut);
    const toysAt = (maxPrice: string) => list({ filter: { categorySlug: "toys", inStock: true, maxPrice } });
    expect((await toysAt("20")).totalCount).toBe(0);
    expect((await toysAt("90")).totalCount).toBe(1);
  });

  it("by another status than active is for who may read the whole catalogue", async () => {
    for (const status of ["DRAFT", "ARCHIVED"]) {
      const variables = { filter: { status } };
      expect(await codesOf(shop.guest(QUERY, variables))).toEqual(["FORBIDDEN"]);
      expect(await codesOf(shop.customer(QUERY, variables))).toEqual(["FORBIDDEN"]);
      expect(slugsOf(await list(variables, shop.support))).toContain(status.toLowerCase());
    }
    expect((await list({ filter: { status: "ACTIVE" } })).totalCount).toBe(lamps.length + 1);
    expect((await list({}, shop.support)).totalCount).toBe(lamps.length + 1);
  });
});

describe("the products of a category", () => {
  const query = `query ($slug: String!, $first: Int, $after: String) {
    category(slug: $slug) { products(first: $first, after: $after) {
      edges { cursor node { slug } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
    } }
  }`;
  const page = async (variables: Record<string, unknown>): Promise<Connection> =>
    (await dataOf<{ category: { products: Connection } }>(shop.guest(query, variables))).category.products;

  it("are paged like any other list, newest first", async () => {
    const whole = slugsOf(await list({ filter: { categorySlug: "home" }, sort: "NEWEST", first: 100 }));
    const first = await page({ slug: "home", first: 15 });
    const second = await page({ slug: "home", first: 15, after: first.pageInfo.endCursor });
    expect([...slugsOf(first), ...slugsOf(second)]).toEqual(whole);
    expect(first.totalCount).toBe(lamps.length);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it("refuse bad arguments", async () => {
    expect(await codesOf(shop.guest(query, { slug: "home", first: -1 }))).toEqual(["BAD_USER_INPUT"]);
    expect(await codesOf(shop.guest(query, { slug: "home", after: "x" }))).toEqual(["BAD_USER_INPUT"]);
  });
});
