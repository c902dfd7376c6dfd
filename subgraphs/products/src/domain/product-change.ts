import { isPurchasable, lineTitle, type ProductStatus } from "./product.ts";
import type { ProductDraft, VariantDraft } from "./product-input.ts";

/** A product as it was before a change. */
export interface KnownProduct {
  readonly title: string;
  readonly status: ProductStatus;
  /** Removed ones included. */
  readonly variants: readonly KnownVariant[];
}

export interface KnownVariant {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly price: bigint;
  readonly currency: string;
  readonly weightGrams: number;
  readonly version: number;
  readonly removedAt: Date | null;
}

/** What other services know of a variant, at `version`. */
export interface PublishedVariant {
  readonly variantId: string;
  readonly version: number;
  readonly sku: string;
  readonly title: string;
  readonly price: bigint;
  readonly currency: string;
  readonly weightGrams: number;
  readonly purchasable: boolean;
}

export interface SavedVariant extends Omit<KnownVariant, "removedAt"> {
  readonly position: number;
}

export type ProductChange =
  | {
      kind: "change";
      saved: readonly SavedVariant[];
      removed: readonly { readonly id: string; readonly version: number }[];
      /** Known variants that get another SKU than the one that they have now. */
      renamed: readonly string[];
      /** Only those whose published facts differ from before. */
      published: readonly PublishedVariant[];
    }
  /** The variants of the draft, by index, that are not this product's. */
  | { kind: "foreignVariants"; indexes: readonly number[] };

/** What a new variant weighs until somebody weighs it: a small parcel. Zero would promise shipping for nothing. */
export const DEFAULT_WEIGHT_GRAMS = 500;

/** What has to be written and told so that a product (`null`: a new one) becomes as in the draft. */
export const changeProduct = (
  known: KnownProduct | null,
  draft: ProductDraft,
  newVariantId: () => string,
): ProductChange => {
  const knownById = new Map(known?.variants.map((variant) => [variant.id, variant]));
  const foreign = draft.variants.flatMap(({ id }, index) => (id !== null && !knownById.has(id) ? [index] : []));
  if (foreign.length > 0) return { kind: "foreignVariants", indexes: foreign };

  const product = { title: draft.title, status: draft.status };
  const before = known ?? product;
  const kept = draft.variants.map((variant, position) => {
    const was = variant.id === null ? undefined : knownById.get(variant.id);
    return { was, now: toSaved(variant, was, position, newVariantId) };
  });
  const keptIds = new Set(kept.map(({ now }) => now.id));
  const gone = (known?.variants ?? []).filter(({ id, removedAt }) => removedAt === null && !keptIds.has(id));

  const versions = new Map<string, number>();
  const published: PublishedVariant[] = [];
  const compare = (was: KnownVariant | undefined, now: KnownVariant) => {
    const facts = factsOf(product, now);
    const version = was === undefined ? 1 : was.version + 1;
    if (was !== undefined && equal(factsOf(before, was), facts)) return;
    versions.set(now.id, version);
    published.push({ ...facts, version });
  };
  for (const { was, now } of kept) compare(was, { ...now, removedAt: null });
  for (const was of gone) compare(was, { ...was, removedAt: new Date(0) });

  const versionOf = ({ id, version }: { id: string; version: number }) => versions.get(id) ?? version;
  return {
    kind: "change",
    saved: kept.map(({ now }) => ({ ...now, version: versionOf(now) })),
    removed: gone.map((variant) => ({ id: variant.id, version: versionOf(variant) })),
    renamed: kept.flatMap(({ was, now }) => (was && was.sku !== now.sku ? [was.id] : [])),
    published,
  };
};

const toSaved = (
  { id, sku, title, price, currency }: VariantDraft,
  was: KnownVariant | undefined,
  position: number,
  newVariantId: () => string,
): SavedVariant => ({
  id: id ?? newVariantId(),
  sku,
  title,
  price,
  currency,
  weightGrams: was?.weightGrams ?? DEFAULT_WEIGHT_GRAMS,
  version: was?.version ?? 1,
  position,
});

const factsOf = (
  product: Pick<KnownProduct, "title" | "status">,
  { id, sku, title, price, currency, weightGrams, removedAt }: KnownVariant,
): Omit<PublishedVariant, "version"> => ({
  variantId: id,
  sku,
  title: lineTitle(product.title, title),
  price,
  currency,
  weightGrams,
  purchasable: isPurchasable({ productStatus: product.status, removedAt }),
});

const equal = (a: Omit<PublishedVariant, "version">, b: Omit<PublishedVariant, "version">): boolean =>
  a.sku === b.sku &&
  a.title === b.title &&
  a.price === b.price &&
  a.currency === b.currency &&
  a.weightGrams === b.weightGrams &&
  a.purchasable === b.purchasable;
