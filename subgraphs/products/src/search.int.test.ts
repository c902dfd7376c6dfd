import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCatalogue, aProduct, aVariant } from "./testing/catalogue.ts";
import { dataOf, type Shop, startShop } from "./testing/shop.ts";

const products = [
  aProduct({
    slug: "keyboard",
    title: "Mechanical Keyboard",
    description: "Clicks.",
    variants: [
      aVariant({ sku: "KB-1042-BLK", title: "Black, ISO-DE" }),
      aVariant({ sku: "KB-1042-WHT", title: "White" }),
    ],
  }),
  aProduct({ slug: "wrist-rest", title: "Wrist rest", description: "Goes before a keyboard." }),
  aProduct({ slug: "mouse", title: "Wireless mouse", description: "Three buttons." }),
  aProduct({ slug: "headphones", title: "Over-ear headphones 🎧", description: "Quiet." }),
  aProduct({ slug: "muller", title: "Müller Kaffeemühle", description: "Für Café crème." }),
  aProduct({ slug: "quotes", title: `O'Neill "Classic" mug`, description: "50% off; drop table & run." }),
  aProduct({ slug: "bedside", title: "Bedside lamp", description: "A lamp for the bedside." }),
  aProduct({ slug: "draft", title: "Zeppelin keyboard", status: "DRAFT" }),
];

let shop: Shop;
beforeAll(async () => {
  shop = await startShop(aCatalogue({ products }));
});
afterAll(() => shop.stop());

const QUERY = `query ($search: String, $sort: ProductSort, $first: Int, $after: String, $filter: ProductFilter) {
  products(search: $search, sort: $sort, first: $first, after: $after, filter: $filter) {
    totalCount pageInfo { endCursor hasNextPage } edges { node { slug } }
  }
}`;

interface Found {
  readonly products: {
    readonly totalCount: number;
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
    readonly edges: readonly { readonly node: { readonly slug: string } }[];
  };
}

const ask = async (variables: Record<string, unknown>) => (await dataOf<Found>(shop.guest(QUERY, variables))).products;

const find = async (search: string, variables: Record<string, unknown> = {}): Promise<string[]> => {
  const { edges, totalCount } = await ask({ search, ...variables });
  expect(totalCount).toBe(edges.length);
  return edges.map(({ node }) => node.slug);
};

describe("a search", () => {
  it("finds words in titles first, then in descriptions", async () => {
    expect(await find("keyboard")).toEqual(["keyboard", "wrist-rest"]);
  });

  it("finds other forms of a word, and needs all words", async () => {
    expect(await find("lamps")).toEqual(["bedside"]);
    expect(await find("keyboards clicking")).toEqual(["keyboard"]);
    expect(await find("wireless keyboard")).toEqual([]);
  });

  it.each([
    ["keybord", "keyboard"],
    ["keybaord", "keyboard"],
    ["mecanical keybord", "keyboard"],
    ["hedphones", "headphones"],
    ["wirless", "mouse"],
    ["headph", "headphones"],
    ["KAFEMÜHLE", "muller"],
  ])("forgives typing errors: %s finds %s", async (search, slug) => {
    expect((await find(search))[0]).toBe(slug);
  });

  it("does not guess where the word is known", async () => {
    expect(await find("mouse")).toEqual(["mouse"]);
  });

  it("finds SKUs, whole or begun, and titles of variants", async () => {
    expect(await find("KB-1042-BLK")).toEqual(["keyboard"]);
    expect(await find("kb-1042")).toContain("keyboard");
    expect(await find("ISO-DE")).toEqual(["keyboard"]);
  });

  it.each([
    "muller",
    "Müller",
    "MÜLLER",
    "Mu\u0308ller",
    "cafe",
    "café creme",
  ])("takes letters with and without accents as the same: %s", async (search) => {
    expect(await find(search)).toEqual(["muller"]);
  });

  it("leaves emoji aside", async () => {
    expect(await find("headphones 🎧")).toEqual(["headphones"]);
    expect(await find("🎧 headphones 🔥")).toEqual(["headphones"]);
  });

  it("reads quoted words, a choice and an exclusion", async () => {
    expect(await find('"mechanical keyboard"')).toEqual(["keyboard"]);
    expect((await find("mouse or mug")).sort()).toEqual(["mouse", "quotes"]);
    expect(await find("keyboard -wrist")).toEqual(["keyboard"]);
  });

  it.each([
    "keyboard & | ! :* ( ) <->",
    "keyboard:*",
    "keyboard'",
    "''keyboard",
    '"keyboard',
    "keyboard\\",
    "keyboard\0",
    "!keyboard",
    "(keyboard",
    "keyboard\ud800",
    "keyboard;",
  ])("never fails for signs that mean something to the database: %j", async (search) => {
    expect(await find(search)).toContain("keyboard");
  });

  it("finds texts with quotes in them", async () => {
    expect(await find(`o'neill`)).toEqual(["quotes"]);
    expect(await find("50% off; drop table")).toEqual(["quotes"]);
  });

  it.each(["", "  ", "&|!:*", "🎧", "\0", "-", '""'])("for %j is none", async (search) => {
    expect((await ask({ search })).totalCount).toBe(products.length - 1);
  });

  it.each(["qqqqzzzz", "the", "-keyboard -mouse", "日本語"])("never fails for %s", async (search) => {
    await find(search);
  });

  it("does not find drafts, by their words or by what resembles them", async () => {
    expect(await find("zeppelin")).toEqual([]);
    expect(await find("zepelin")).toEqual([]);
  });

  it("can be sorted and filtered like any other list", async () => {
    expect(await find("keybord", { sort: "NEWEST", filter: { inStock: true, maxPrice: "100" } })).toContain("keyboard");
    expect(await find("keybord", { filter: { minPrice: "100" } })).toEqual([]);
  });

  it("stays what it was on its first page, although its words come up meanwhile", async () => {
    const all = await find("keybord");
    const first = await ask({ search: "keybord", first: 1 });
    await shop.sql`update products set description = 'Not a keybord.' where slug = 'mouse'`;
    const rest = await ask({ search: "keybord", first: 10, after: first.pageInfo.endCursor });
    expect([...first.edges, ...rest.edges].map(({ node }) => node.slug)).toEqual(all);
    expect(await find("keybord")).toEqual(["mouse"]);
  });
});
