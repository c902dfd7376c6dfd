import { and, asc, eq, inArray, isNull, ne, sql } from "drizzle-orm";
import type { ProductStatus, VariantOption } from "../domain/product.ts";
import type { Db, Tx } from "./connection.ts";
import { products, stock, variants } from "./schema.ts";

export interface VariantRow {
  readonly id: string;
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly options: VariantOption[];
  /** Minor units of `currency`. */
  readonly price: bigint;
  readonly currency: string;
  readonly weightGrams: number;
  readonly version: number;
  readonly removedAt: Date | null;
  readonly productStatus: ProductStatus;
}

const columns = {
  id: variants.id,
  productId: variants.productId,
  sku: variants.sku,
  title: variants.title,
  options: variants.options,
  price: variants.price,
  currency: variants.currency,
  weightGrams: variants.weightGrams,
  version: variants.version,
  removedAt: variants.removedAt,
  productStatus: products.status,
};

const selectVariants = (db: Db) =>
  db.select(columns).from(variants).innerJoin(products, eq(products.id, variants.productId));

/** Removed ones included. */
export const findVariants = async (db: Db, ids: readonly string[]): Promise<VariantRow[]> =>
  selectVariants(db).where(inArray(variants.id, [...ids]));

/** Those that are not removed, in the merchant's order. */
export const findVariantsOfProducts = async (db: Db, productIds: readonly string[]): Promise<VariantRow[]> =>
  selectVariants(db)
    .where(and(inArray(variants.productId, [...productIds]), isNull(variants.removedAt)))
    .orderBy(asc(variants.position), asc(variants.id));

/** All that the product ever had. */
export const findAllVariantsOfProduct = async (tx: Tx, productId: string): Promise<VariantRow[]> =>
  selectVariants(tx).where(eq(variants.productId, productId)).orderBy(asc(variants.id));

/** Which of `skus` belong to a variant of another product that is sold. */
export const findTakenSkus = async (
  db: Db,
  skus: readonly string[],
  productId: string | null,
): Promise<Set<string>> => {
  const rows = await db
    .select({ sku: variants.sku })
    .from(variants)
    .where(
      and(
        inArray(variants.sku, [...skus]),
        isNull(variants.removedAt),
        productId === null ? undefined : ne(variants.productId, productId),
      ),
    );
  return new Set(rows.map(({ sku }) => sku));
};

export interface VariantToSave {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly price: bigint;
  readonly currency: string;
  readonly weightGrams: number;
  readonly version: number;
  readonly position: number;
}

export const removeVariants = async (tx: Tx, removed: readonly { id: string; version: number }[], at: Date) => {
  if (removed.length === 0) return;
  const versions = sql.join(
    removed.map(({ id, version }) => sql`(${id}, ${version}::int)`),
    sql`, `,
  );
  await tx.execute(sql`
    update ${variants} set removed_at = ${at.toISOString()}, version = removed.version
    from (values ${versions}) as removed (id, version)
    where ${variants.id} = removed.id`);
};

/** Frees the SKUs of these variants until they are saved again, so that two of them may swap theirs. */
export const parkSkus = async (tx: Tx, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return;
  // No SKU has a tilde.
  await tx
    .update(variants)
    .set({ sku: sql`'~' || ${variants.id}` })
    .where(inArray(variants.id, [...ids]));
};

/** Inserts new variants, with empty stock, and updates known ones; a removed one is sold again. */
export const saveVariants = async (tx: Tx, productId: string, saved: readonly VariantToSave[]) => {
  await tx
    .insert(variants)
    .values(saved.map((variant) => ({ ...variant, productId })))
    .onConflictDoUpdate({
      target: variants.id,
      set: {
        sku: sql`excluded.sku`,
        title: sql`excluded.title`,
        price: sql`excluded.price`,
        currency: sql`excluded.currency`,
        version: sql`excluded.version`,
        position: sql`excluded.position`,
        removedAt: null,
      },
    });
  await tx
    .insert(stock)
    .values(saved.map(({ id }) => ({ variantId: id })))
    .onConflictDoNothing();
};
