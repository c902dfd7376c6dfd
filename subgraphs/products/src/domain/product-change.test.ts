import { describe, expect, it } from "vitest";
import { changeProduct, DEFAULT_WEIGHT_GRAMS, type KnownProduct, type KnownVariant } from "./product-change.ts";
import type { ProductDraft, VariantDraft } from "./product-input.ts";

const known = (variant: Partial<KnownVariant> = {}): KnownVariant => ({
  id: "var_black",
  sku: "LAMP-B",
  title: "Black",
  price: 1_999n,
  currency: "EUR",
  weightGrams: 800,
  version: 4,
  removedAt: null,
  ...variant,
});
const white = known({ id: "var_white", sku: "LAMP-W", title: "White", version: 1 });

const lamp = (product: Partial<KnownProduct> = {}): KnownProduct => ({
  title: "Lamp",
  status: "ACTIVE",
  variants: [known(), white],
  ...product,
});

const asDraft = ({ id, sku, title, price, currency }: KnownVariant): VariantDraft => ({
  id,
  sku,
  title,
  price,
  currency,
});

const draft = (product: Partial<ProductDraft> = {}): ProductDraft => ({
  slug: "lamp",
  title: "Lamp",
  description: null,
  status: "ACTIVE",
  variants: [asDraft(known()), asDraft(white)],
  ...product,
});

const change = (before: KnownProduct | null, after: ProductDraft) => {
  const result = changeProduct(before, after, () => "var_new");
  if (result.kind !== "change") throw new Error(`Expected a change, got ${result.kind}.`);
  return result;
};

const published = (before: KnownProduct | null, after: ProductDraft) =>
  change(before, after).published.map(({ variantId, version, purchasable }) => [variantId, version, purchasable]);

describe("a change of a product", () => {
  it("tells nothing when nothing changed that others know", () => {
    const result = change(lamp(), draft({ slug: "other", description: "Bright." }));
    expect(result.published).toEqual([]);
    expect(result.saved.map(({ id, version, position }) => [id, version, position])).toEqual([
      ["var_black", 4, 0],
      ["var_white", 1, 1],
    ]);
  });

  it("tells a new product's variants at version 1, with the weight that stands in until one is known", () => {
    const after = draft({ variants: [{ ...asDraft(known()), id: null }] });
    expect(change(null, after).published).toEqual([
      {
        variantId: "var_new",
        version: 1,
        sku: "LAMP-B",
        title: "Lamp, Black",
        price: 1_999n,
        currency: "EUR",
        weightGrams: DEFAULT_WEIGHT_GRAMS,
        purchasable: true,
      },
    ]);
  });

  it("tells the variant whose price, title or SKU changed, at its next version, and no other", () => {
    for (const other of [{ price: 1n }, { title: "Jet" }, { sku: "LAMP-J" }])
      expect(published(lamp(), draft({ variants: [{ ...asDraft(known()), ...other }, asDraft(white)] }))).toEqual([
        ["var_black", 5, true],
      ]);
  });

  it("tells all variants when the product's title changed, or whether it is sold", () => {
    expect(published(lamp(), draft({ title: "Light" }))).toEqual([
      ["var_black", 5, true],
      ["var_white", 2, true],
    ]);
    expect(published(lamp(), draft({ status: "ARCHIVED" }))).toEqual([
      ["var_black", 5, false],
      ["var_white", 2, false],
    ]);
  });

  it("tells nothing when a product that is not sold is put aside in another way", () => {
    expect(published(lamp({ status: "DRAFT" }), draft({ status: "ARCHIVED" }))).toEqual([]);
  });

  it("removes a variant that is left out, and tells that it is no longer sold", () => {
    const result = change(lamp(), draft({ variants: [asDraft(white)] }));
    expect(result.removed).toEqual([{ id: "var_black", version: 5 }]);
    expect(result.published).toEqual([
      expect.objectContaining({ variantId: "var_black", version: 5, purchasable: false }),
    ]);
  });

  it("removes a variant once", () => {
    const before = lamp({ variants: [known({ removedAt: new Date(0) }), white] });
    const result = change(before, draft({ title: "Light", variants: [asDraft(white)] }));
    expect(result.removed).toEqual([]);
    expect(result.published.map(({ variantId }) => variantId)).toEqual(["var_white"]);
  });

  it("sells a removed variant again when it is given by its id", () => {
    const before = lamp({ variants: [known({ removedAt: new Date(0) }), white] });
    expect(published(before, draft())).toEqual([["var_black", 5, true]]);
  });

  it("keeps the weight that is known", () => {
    expect(change(lamp(), draft()).saved[0]?.weightGrams).toBe(800);
  });

  it("names the variants that get another SKU, so that two may swap theirs", () => {
    const after = draft({
      variants: [
        { ...asDraft(known()), sku: "LAMP-W" },
        { ...asDraft(white), sku: "LAMP-B" },
        { ...asDraft(white), id: null, sku: "NEW" },
      ],
    });
    expect(change(lamp(), after).renamed).toEqual(["var_black", "var_white"]);
  });

  it("is refused for variants of another product", () => {
    const foreign = { ...asDraft(known()), id: "var_foreign" };
    expect(changeProduct(lamp(), draft({ variants: [asDraft(white), foreign] }), () => "x")).toEqual({
      kind: "foreignVariants",
      indexes: [1],
    });
    expect(changeProduct(null, draft(), () => "x")).toEqual({ kind: "foreignVariants", indexes: [0, 1] });
  });
});
