import { newId } from "@supergraph/service";
import type { SeedCatalogue } from "../seed.ts";

type SeedCategory = SeedCatalogue["categories"][number];
type SeedProduct = SeedCatalogue["products"][number];
type SeedVariant = SeedProduct["variants"][number];

let number = 0;

export const aCategory = (category: Partial<SeedCategory> = {}): SeedCategory => {
  number += 1;
  return { id: newId("cat"), slug: `category-${number}`, name: `Category ${number}`, parentId: null, ...category };
};

export const aVariant = (variant: Partial<SeedVariant> = {}): SeedVariant => {
  number += 1;
  return {
    id: newId("var"),
    sku: `SKU-${number}`,
    title: "Standard",
    options: [],
    price: 1_999n,
    weightGrams: 250,
    onHand: 10,
    ...variant,
  };
};

/** Active, with one variant, added a minute after the one that was made before it. */
export const aProduct = (product: Partial<SeedProduct> = {}): SeedProduct => {
  number += 1;
  return {
    id: newId("prd"),
    slug: `product-${number}`,
    title: `Product ${number}`,
    description: null,
    status: "ACTIVE",
    categoryIds: [],
    createdAt: new Date(Date.UTC(2026, 0, 1, 0, number)),
    variants: [aVariant()],
    ...product,
  };
};

export const aCatalogue = (catalogue: Partial<SeedCatalogue> = {}): SeedCatalogue => ({
  categories: [],
  products: [],
  ...catalogue,
});
