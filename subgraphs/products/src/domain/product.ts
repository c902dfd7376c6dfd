export type ProductStatus = "DRAFT" | "ACTIVE" | "ARCHIVED";

export interface VariantOption {
  readonly name: string;
  readonly value: string;
}

/** What decides who may see a product. */
export interface CatalogueViewer {
  readonly scopes: readonly string[];
}

export const readsWholeCatalogue = (viewer: CatalogueViewer | null): boolean =>
  viewer?.scopes.includes("catalog:read") ?? false;

/** Whether a product is found by a customer who looks for it: in lists, by its id, by its slug. */
export const isListedFor = (viewer: CatalogueViewer | null, status: ProductStatus): boolean =>
  status === "ACTIVE" || readsWholeCatalogue(viewer);

/** Whether a product that something else refers to may be shown: orders link to archived ones, never to a draft. */
export const isShownTo = (viewer: CatalogueViewer | null, status: ProductStatus): boolean =>
  status !== "DRAFT" || readsWholeCatalogue(viewer);

export const isPurchasable = (variant: { productStatus: ProductStatus; removedAt: Date | null }): boolean =>
  variant.productStatus === "ACTIVE" && variant.removedAt === null;

/** What an order line calls a variant. */
export const lineTitle = (productTitle: string, variantTitle: string): string => `${productTitle}, ${variantTitle}`;
