import { asc, eq, inArray, isNull } from "drizzle-orm";
import type { Db } from "./connection.ts";
import { categories, productCategories } from "./schema.ts";

export interface CategoryRow {
  readonly id: string;
  readonly parentId: string | null;
  readonly slug: string;
  readonly name: string;
}

const byName = [asc(categories.name), asc(categories.id)];

export const findRootCategories = async (db: Db): Promise<CategoryRow[]> =>
  db
    .select()
    .from(categories)
    .where(isNull(categories.parentId))
    .orderBy(...byName);

export const findCategories = async (db: Db, ids: readonly string[]): Promise<CategoryRow[]> =>
  db
    .select()
    .from(categories)
    .where(inArray(categories.id, [...ids]));

export const findCategoriesBySlug = async (db: Db, slugs: readonly string[]): Promise<CategoryRow[]> =>
  db
    .select()
    .from(categories)
    .where(inArray(categories.slug, [...slugs]));

export const findChildCategories = async (db: Db, parentIds: readonly string[]): Promise<CategoryRow[]> =>
  db
    .select()
    .from(categories)
    .where(inArray(categories.parentId, [...parentIds]))
    .orderBy(...byName);

export const findCategoriesOfProducts = async (
  db: Db,
  productIds: readonly string[],
): Promise<{ productId: string; category: CategoryRow }[]> =>
  db
    .select({ productId: productCategories.productId, category: categories })
    .from(productCategories)
    .innerJoin(categories, eq(categories.id, productCategories.categoryId))
    .where(inArray(productCategories.productId, [...productIds]))
    .orderBy(...byName);
