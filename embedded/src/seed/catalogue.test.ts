import { isId } from "@supergraph/service";
import { describe, expect, it } from "vitest";
import { makeCatalogue } from "./catalogue.ts";

const { categories, products } = makeCatalogue();
const variants = products.flatMap((product) => product.variants);

describe("the example catalogue", () => {
  it("is the same every time", () => {
    expect(makeCatalogue()).toEqual({ categories, products });
  });

  it("is as large as a shop", () => {
    expect(categories.length).toBeGreaterThanOrEqual(12);
    expect(categories.filter(({ parentId }) => parentId !== null).length).toBeGreaterThan(0);
    expect(products.length).toBeGreaterThanOrEqual(500);
    expect(variants.length).toBeGreaterThanOrEqual(1500);
  });

  it("gives every product, variant and category an id, a slug and a SKU of its own", () => {
    expect(new Set(products.map(({ slug }) => slug)).size).toBe(products.length);
    expect(new Set(variants.map(({ sku }) => sku)).size).toBe(variants.length);
    expect(new Set(categories.map(({ slug }) => slug)).size).toBe(categories.length);
    expect(products.every(({ id }) => isId("prd", id))).toBe(true);
    expect(variants.every(({ id }) => isId("var", id))).toBe(true);
    expect(products.every(({ slug }) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug))).toBe(true);
  });

  it("has variants that are sold out, low and plentiful, all at a price above zero", () => {
    expect(variants.some(({ onHand }) => onHand === 0)).toBe(true);
    expect(variants.some(({ onHand }) => onHand > 0 && onHand <= 5)).toBe(true);
    expect(variants.some(({ onHand }) => onHand > 100)).toBe(true);
    expect(variants.every(({ price }) => price > 0n)).toBe(true);
  });
});
