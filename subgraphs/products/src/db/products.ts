import { eq, inArray } from "drizzle-orm";
import type { ProductStatus } from "../domain/product.ts";
import type { Db, Tx } from "./connection.ts";
import { products } from "./schema.ts";

export interface ProductRow {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly description: string | null;
  readonly status: ProductStatus;
  readonly createdAt: Date;
  /** Minor units, like `maxPrice`. */
  readonly minPrice: bigint;
  readonly maxPrice: bigint;
}

const columns = {
  id: products.id,
  slug: products.slug,
  title: products.title,
  description: products.description,
  status: products.status,
  createdAt: products.createdAt,
  minPrice: products.minPrice,
  maxPrice: products.maxPrice,
};

export const findProducts = async (db: Db, ids: readonly string[]): Promise<ProductRow[]> =>
  db
    .select(columns)
    .from(products)
    .where(inArray(products.id, [...ids]));

export const findProductsBySlug = async (db: Db, slugs: readonly string[]): Promise<ProductRow[]> =>
  db
    .select(columns)
    .from(products)
    .where(inArray(products.slug, [...slugs]));

/** Until the transaction ends nobody else changes this product or its variants. */
export const lockProduct = async (tx: Tx, id: string): Promise<ProductRow | null> => {
  const [row] = await tx.select(columns).from(products).where(eq(products.id, id)).for("update");
  return row ?? null;
};

type ProductFields = Pick<ProductRow, "slug" | "title" | "description" | "status">;

export const insertProduct = async (tx: Tx, product: ProductFields & Pick<ProductRow, "id" | "createdAt">) => {
  await tx.insert(products).values(product);
};

export const updateProduct = async (tx: Tx, id: string, { slug, title, description, status }: ProductFields) => {
  await tx.update(products).set({ slug, title, description, status }).where(eq(products.id, id));
};
