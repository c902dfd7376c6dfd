import DataLoader from "dataloader";
import {
  type CategoryRow,
  findCategories,
  findCategoriesBySlug,
  findCategoriesOfProducts,
  findChildCategories,
} from "./db/categories.ts";
import type { Db } from "./db/connection.ts";
import { countInCategories, findPlacesInCategories, type ProductPlace, type ProductRange } from "./db/product-lists.ts";
import { findProducts, findProductsBySlug } from "./db/products.ts";
import { findStock } from "./db/stock.ts";
import { findVariants, findVariantsOfProducts } from "./db/variants.ts";

/** A range of the products of one category; loads of the same range are answered together, whatever their category. */
export interface CategoryRange {
  readonly categoryId: string;
  readonly range: ProductRange;
}

/** One request's loaders. They answer whatever exists: who may see it is decided where it is shown. */
export const createLoaders = (db: Db) => ({
  product: byKey(
    (ids) => findProducts(db, ids),
    ({ id }) => id,
  ),
  productBySlug: byKey(
    (slugs) => findProductsBySlug(db, slugs),
    ({ slug }) => slug,
  ),
  variant: byKey(
    (ids) => findVariants(db, ids),
    ({ id }) => id,
  ),
  variantsOfProduct: listsByKey(
    (productIds) => findVariantsOfProducts(db, productIds),
    ({ productId }) => productId,
  ),
  stock: byKey(
    (variantIds) => findStock(db, variantIds),
    ({ variantId }) => variantId,
  ),
  category: byKey(
    (ids) => findCategories(db, ids),
    ({ id }) => id,
  ),
  categoryBySlug: byKey(
    (slugs) => findCategoriesBySlug(db, slugs),
    ({ slug }) => slug,
  ),
  childCategories: listsByKey(
    (parentIds) => findChildCategories(db, parentIds),
    ({ parentId }: CategoryRow) => parentId ?? "",
  ),
  categoriesOfProduct: listsByKey(
    (productIds) => findCategoriesOfProducts(db, productIds),
    ({ productId }) => productId,
  ),
  placesInCategory: new DataLoader<CategoryRange, ProductPlace[], string>((keys) => loadPlaces(db, keys), {
    cacheKeyFn: ({ categoryId, range }) => JSON.stringify([categoryId, range]),
  }),
  countInCategory: new DataLoader<string, number>(async (categoryIds) => {
    const counts = await countInCategories(db, categoryIds);
    return categoryIds.map((id) => counts.get(id) ?? 0);
  }),
});

export type Loaders = ReturnType<typeof createLoaders>;

/** After a mutation: what was loaded before it may be another now. */
export const forgetLoaded = (loaders: Loaders): void => {
  for (const loader of Object.values(loaders)) loader.clearAll();
};

/** Answers in the order of the keys, `null` for what is absent. */
const byKey = <Row>(find: (keys: readonly string[]) => Promise<Row[]>, keyOf: (row: Row) => string) =>
  new DataLoader<string, Row | null>(async (keys) => {
    // Keys come from clients. No text in the database has a NUL, and the database refuses to be asked for one.
    const askable = keys.filter((key) => !key.includes("\0"));
    const found = askable.length > 0 ? await find(askable) : [];
    const rows = new Map(found.map((row) => [keyOf(row), row]));
    return keys.map((key) => rows.get(key) ?? null);
  });

/** Answers in the order of the keys, each list in the order in which its rows were found. */
const listsByKey = <Row>(find: (keys: readonly string[]) => Promise<Row[]>, keyOf: (row: Row) => string) =>
  new DataLoader<string, Row[]>(async (keys) => {
    const lists = new Map<string, Row[]>(keys.map((key) => [key, []]));
    for (const row of await find(keys)) lists.get(keyOf(row))?.push(row);
    return keys.map((key) => lists.get(key) ?? []);
  });

const loadPlaces = async (db: Db, keys: readonly CategoryRange[]): Promise<ProductPlace[][]> => {
  const byRange = new Map<string, { range: ProductRange; categoryIds: string[] }>();
  for (const { categoryId, range } of keys) {
    const name = JSON.stringify(range);
    const group = byRange.get(name);
    if (group) group.categoryIds.push(categoryId);
    else byRange.set(name, { range, categoryIds: [categoryId] });
  }
  const found = new Map<string, ProductPlace[]>();
  const name = (range: ProductRange, categoryId: string) => JSON.stringify([range, categoryId]);
  await Promise.all(
    [...byRange.values()].map(async ({ range, categoryIds }) => {
      for (const id of categoryIds) found.set(name(range, id), []);
      for (const { categoryId, ...place } of await findPlacesInCategories(db, categoryIds, range))
        found.get(name(range, categoryId))?.push(place);
    }),
  );
  return keys.map(({ range, categoryId }) => found.get(name(range, categoryId)) ?? []);
};
