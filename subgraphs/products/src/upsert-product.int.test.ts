import { newId } from "@supergraph/service";
import { eventually } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCatalogue, aCategory, aProduct, aVariant } from "./testing/catalogue.ts";
import { codesOf, dataOf, type Shop, startShop } from "./testing/shop.ts";

const lighting = aCategory({ slug: "lighting" });
const other = aProduct({ slug: "other", variants: [aVariant({ sku: "OTHER-1" })] });
const heavy = aVariant({ sku: "HEAVY-1", weightGrams: 7_000, options: [{ name: "Colour", value: "Grey" }] });
const anvil = aProduct({ slug: "anvil", title: "Anvil", categoryIds: [lighting.id], variants: [heavy] });

let shop: Shop;
beforeAll(async () => {
  shop = await startShop(aCatalogue({ categories: [lighting], products: [other, anvil] }));
});
afterAll(() => shop.stop());

const UPSERT = `mutation ($input: ProductInput!) { upsertProduct(input: $input) {
  product {
    id slug title description status createdAt categories { slug }
    priceRange { min { amount } max { amount } }
    variants { id sku title price { amount } options { value } availability availableQuantity weightGrams }
  }
  userErrors { code path message }
} }`;

interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly price: { readonly amount: string };
}
interface Upserted {
  readonly product: { readonly id: string; readonly slug: string; readonly variants: readonly Variant[] } | null;
  readonly userErrors: readonly { readonly code: string; readonly path: readonly string[] | null }[];
}

const upsert = async (input: object, who = shop.admin): Promise<Upserted> =>
  (await dataOf<{ upsertProduct: Upserted }>(who(UPSERT, { input }))).upsertProduct;

let number = 0;
const aVariantInput = (variant: object = {}) => {
  number += 1;
  return { sku: `NEW-${number}`, title: "Black", price: "19.99", currency: "EUR", ...variant };
};
const anInput = (input: object = {}) => {
  number += 1;
  return { slug: `new-${number}`, title: "Desk lamp", status: "ACTIVE", variants: [aVariantInput()], ...input };
};

const created = async (input: object = {}) => {
  const { product, userErrors } = await upsert(anInput(input));
  if (!product) throw new Error(`Expected a product, got ${JSON.stringify(userErrors)}.`);
  return product;
};
const asInput = ({ id, sku, title, price }: Variant) => ({ id, sku, title, price: price.amount, currency: "EUR" });

const changesOf = (variantId: string) =>
  shop.told.filter(({ id }) => id.startsWith(`variant:${variantId}:`)).map(({ data }) => data);

describe("creating a product", () => {
  it("answers it, with emoji and umlauts, and tells its variants", async () => {
    const { product, userErrors } = await upsert(
      anInput({
        slug: "grune-lampe",
        title: "Grüne Lampe 💡",
        description: "“Hell” & schön 🌟\nZweite Zeile",
        variants: [aVariantInput({ sku: "GL-1", title: "Groß" }), aVariantInput({ sku: "GL-2", price: "5" })],
      }),
    );
    expect(userErrors).toEqual([]);
    expect(product).toMatchObject({
      slug: "grune-lampe",
      title: "Grüne Lampe 💡",
      description: "“Hell” & schön 🌟\nZweite Zeile",
      status: "ACTIVE",
      createdAt: "2026-03-01T12:00:00.000Z",
      categories: [],
      priceRange: { min: { amount: "5.00" }, max: { amount: "19.99" } },
      variants: [
        {
          sku: "GL-1",
          title: "Groß",
          availability: "OUT_OF_STOCK",
          availableQuantity: 0,
          weightGrams: 500,
          options: [],
        },
        { sku: "GL-2", price: { amount: "5.00" } },
      ],
    });
    const variantId = product?.variants[0]?.id ?? "";
    await eventually(() =>
      expect(changesOf(variantId)).toEqual([
        {
          variantId,
          productId: product?.id,
          version: 1,
          sku: "GL-1",
          title: "Grüne Lampe 💡, Groß",
          price: { minorUnits: 1_999n, currency: "EUR" },
          weightGrams: 500,
          purchasable: true,
        },
      ]),
    );
    expect(await dataOf(shop.guest(`{ products(search: "grune") { edges { node { slug } } } }`))).toEqual({
      products: { edges: [{ node: { slug: "grune-lampe" } }] },
    });
  });

  it("is refused as a whole with everything that is wrong", async () => {
    const slug = `refused-${newId("x")}`.replace("_", "-");
    expect(
      await upsert(
        anInput({
          slug,
          title: "\0",
          variants: [aVariantInput({ price: "1.999" }), aVariantInput({ currency: "USD" })],
        }),
      ),
    ).toMatchObject({
      product: null,
      userErrors: [
        { code: "INVALID", path: ["input", "title"] },
        { code: "INVALID", path: ["input", "variants", "0", "price"] },
        { code: "INVALID", path: ["input", "variants", "1", "currency"] },
      ],
    });
    expect(await dataOf(shop.admin("query ($slug: String) { product(slug: $slug) { id } }", { slug }))).toEqual({
      product: null,
    });
  });

  it("is refused where slug and SKU are taken, and writes nothing", async () => {
    const free = aVariantInput();
    expect(await upsert(anInput({ slug: "other", variants: [free, aVariantInput({ sku: "OTHER-1" })] }))).toMatchObject(
      {
        product: null,
        userErrors: [
          { code: "SLUG_TAKEN", path: ["input", "slug"] },
          { code: "SKU_TAKEN", path: ["input", "variants", "1", "sku"] },
        ],
      },
    );
    expect((await upsert(anInput({ variants: [free] }))).userErrors).toEqual([]);
  });

  it("by many at once with the same slug or the same SKU succeeds once", async () => {
    const sameSlug = anInput({ slug: "wanted" });
    const results = await Promise.all(
      Array.from({ length: 6 }, () => upsert({ ...sameSlug, variants: [aVariantInput()] })),
    );
    expect(results.filter(({ product }) => product)).toHaveLength(1);
    expect(results.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(
      Array(5).fill("SLUG_TAKEN"),
    );
    const sameSku = [aVariantInput({ sku: "WANTED-1" }), aVariantInput({ sku: "WANTED-2" })];
    const others = await Promise.all(
      Array.from({ length: 6 }, (_, i) => upsert(anInput({ variants: i % 2 ? sameSku : [...sameSku].reverse() }))),
    );
    expect(others.filter(({ product }) => product)).toHaveLength(1);
    expect(new Set(others.flatMap(({ userErrors }) => userErrors.map(({ code }) => code)))).toEqual(
      new Set(["SKU_TAKEN"]),
    );
  });

  it("is for who may write the catalogue", async () => {
    expect(await codesOf(shop.guest(UPSERT, { input: anInput() }))).toEqual(["UNAUTHENTICATED"]);
    expect(await codesOf(shop.customer(UPSERT, { input: anInput() }))).toEqual(["FORBIDDEN"]);
    expect(await codesOf(shop.support(UPSERT, { input: anInput() }))).toEqual(["FORBIDDEN"]);
  });

  it("refuses values of the wrong type before anything else", async () => {
    for (const wrong of [{ status: "SOLD" }, { title: 7 }, { variants: null }, { unknown: 1 }])
      expect(await codesOf(shop.admin(UPSERT, { input: anInput(wrong) }))).toEqual(["BAD_USER_INPUT"]);
  });
});

describe("changing a product", () => {
  it("keeps what is not part of the input", async () => {
    const { product } = await upsert({
      ...anInput({ id: anvil.id, slug: "anvil-2", title: "Big anvil" }),
      variants: [{ ...aVariantInput({ id: heavy.id, sku: "HEAVY-1" }) }],
    });
    expect(product).toMatchObject({
      id: anvil.id,
      slug: "anvil-2",
      createdAt: anvil.createdAt.toISOString(),
      categories: [{ slug: "lighting" }],
      variants: [{ id: heavy.id, weightGrams: 7_000, options: [{ value: "Grey" }], availableQuantity: 10 }],
    });
  });

  it("tells only the variants whose facts changed, each at its next version", async () => {
    const product = await created({ variants: [aVariantInput(), aVariantInput()] });
    const [first, second] = product.variants.map(asInput);
    const input = { ...anInput(), id: product.id };
    await upsert({ ...input, variants: [{ ...first, price: "25.00" }, second] });
    await upsert({ ...input, variants: [{ ...first, price: "25.00" }, second] });
    await upsert({ ...input, title: "Floor lamp", variants: [{ ...first, price: "25.00" }, second] });
    await upsert({ ...input, title: "Floor lamp", status: "DRAFT", variants: [{ ...first, price: "25.00" }, second] });
    await eventually(() => {
      expect(changesOf(first?.id ?? "")).toMatchObject([
        { version: 1, price: { minorUnits: 1_999n } },
        { version: 2, price: { minorUnits: 2_500n } },
        { version: 3, title: "Floor lamp, Black", purchasable: true },
        { version: 4, purchasable: false },
      ]);
      expect(changesOf(second?.id ?? "")).toMatchObject([{ version: 1 }, { version: 2 }, { version: 3 }]);
    });
  });

  it("removes a variant that is left out: no longer listed or sold, still readable, and its SKU is free", async () => {
    const product = await created({ variants: [aVariantInput({ sku: "GONE-1" }), aVariantInput({ price: "99" })] });
    const [gone, stays] = product.variants.map(asInput);
    const { product: after } = await upsert({ ...anInput(), id: product.id, variants: [stays] });
    expect(after).toMatchObject({ priceRange: { min: { amount: "99.00" } }, variants: [{ id: stays?.id }] });
    expect(
      await dataOf(
        shop.guest(
          `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ProductVariant { sku availability product { id } } } }`,
          { of: [{ __typename: "ProductVariant", id: gone?.id }] },
        ),
      ),
    ).toEqual({ _entities: [{ sku: "GONE-1", availability: "OUT_OF_STOCK", product: { id: product.id } }] });
    await eventually(() =>
      expect(changesOf(gone?.id ?? "")).toMatchObject([{ version: 1 }, { version: 2, purchasable: false }]),
    );
    expect((await upsert(anInput({ variants: [aVariantInput({ sku: "GONE-1" })] }))).userErrors).toEqual([]);
    expect((await upsert({ ...anInput(), id: product.id, variants: [gone] })).userErrors).toMatchObject([
      { code: "SKU_TAKEN", path: ["input", "variants", "0", "sku"] },
    ]);
    const back = await upsert({ ...anInput(), id: product.id, variants: [stays, { ...gone, sku: "GONE-2" }] });
    expect(back.product?.variants.map(({ id }) => id)).toEqual([stays?.id, gone?.id]);
  });

  it("swaps the SKUs and the order of two variants", async () => {
    const product = await created({ variants: [aVariantInput(), aVariantInput()] });
    const [a, b] = product.variants.map(asInput);
    const after = await upsert({
      ...anInput(),
      id: product.id,
      variants: [
        { ...b, sku: a?.sku },
        { ...a, sku: b?.sku },
      ],
    });
    expect(after.product?.variants.map(({ id, sku }) => [id, sku])).toEqual([
      [b?.id, a?.sku],
      [a?.id, b?.sku],
    ]);
  });

  it.each([
    ["an unknown product", { id: newId("prd") }, ["input", "id"]],
    ["an id of another type", { id: newId("var") }, ["input", "id"]],
    ["a broken id", { id: "\0" }, ["input", "id"]],
    [
      "another product's variant",
      { id: other.id, variants: [aVariantInput({ id: heavy.id })] },
      ["input", "variants", "0", "id"],
    ],
    [
      "a variant of a product that is new",
      { variants: [aVariantInput({ id: heavy.id })] },
      ["input", "variants", "0", "id"],
    ],
    [
      "a broken variant id",
      { id: other.id, variants: [aVariantInput({ id: "\0" })] },
      ["input", "variants", "0", "id"],
    ],
  ])("is refused for %s", async (_, input, path) => {
    expect(await upsert(anInput(input))).toMatchObject({ product: null, userErrors: [{ code: "NOT_FOUND", path }] });
  });

  it("by many at once leaves one of them, whole, and a version for each change", async () => {
    const product = await created();
    const [variant] = product.variants.map(asInput);
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        upsert({ ...anInput(), id: product.id, title: `Title ${i}`, variants: [{ ...variant, price: `${i + 1}.00` }] }),
      ),
    );
    expect(results.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    await eventually(() =>
      expect(changesOf(variant?.id ?? "").map((data) => (data as { version: number }).version)).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8, 9,
      ]),
    );
  });
});
