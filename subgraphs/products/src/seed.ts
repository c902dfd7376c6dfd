import { createTransactions, openDatabase } from "@supergraph/postgres";
import type { ProductsDatabase } from "./db/connection.ts";
import * as schema from "./db/schema.ts";
import type { ProductStatus } from "./domain/product.ts";

export { lineTitle } from "./domain/product.ts";

export interface SeedCatalogue {
  readonly categories: readonly {
    readonly id: string;
    readonly slug: string;
    readonly name: string;
    /** Null for a root. */
    readonly parentId: string | null;
  }[];
  readonly products: readonly {
    readonly id: string;
    readonly slug: string;
    readonly title: string;
    readonly description: string | null;
    readonly status: ProductStatus;
    readonly categoryIds: readonly string[];
    readonly createdAt: Date;
    /** At least one. */
    readonly variants: readonly {
      readonly id: string;
      readonly sku: string;
      readonly title: string;
      readonly options: readonly { readonly name: string; readonly value: string }[];
      /** Minor units of EUR. */
      readonly price: bigint;
      readonly weightGrams: number;
      readonly onHand: number;
    }[];
  }[];
}

/**
 * Fills the catalogue and its stock in one transaction, every variant at version 1. What is there already, by id, stays
 * as it is, so it is safe to repeat. Tells nobody: whoever seeds fills the other services' projections as well.
 */
export const seedProducts = (databaseUrl: string, catalogue: SeedCatalogue): Promise<void> =>
  withDatabase(databaseUrl, (database) =>
    createTransactions(database).inTransaction(async (tx) => {
      const { products } = catalogue;
      const variants = products.flatMap((product) =>
        product.variants.map((variant, position) => ({ ...variant, productId: product.id, position })),
      );
      // In one statement: then it does not matter whether a parent comes before its children.
      if (catalogue.categories.length > 0)
        await tx
          .insert(schema.categories)
          .values([...catalogue.categories])
          .onConflictDoNothing({ target: schema.categories.id });
      await inChunks(
        products.map(({ id, slug, title, description, status, createdAt }) => ({
          id,
          slug,
          title,
          description,
          status,
          createdAt,
        })),
        (rows) => tx.insert(schema.products).values(rows).onConflictDoNothing({ target: schema.products.id }),
      );
      await inChunks(
        products.flatMap(({ id, categoryIds }) => categoryIds.map((categoryId) => ({ productId: id, categoryId }))),
        (rows) => tx.insert(schema.productCategories).values(rows).onConflictDoNothing(),
      );
      await inChunks(
        variants.map(({ id, productId, sku, title, options, price, weightGrams, position }) => ({
          id,
          productId,
          sku,
          title,
          options: [...options],
          price,
          weightGrams,
          position,
        })),
        (rows) => tx.insert(schema.variants).values(rows).onConflictDoNothing({ target: schema.variants.id }),
      );
      await inChunks(
        variants.map(({ id, onHand }) => ({ variantId: id, onHand })),
        (rows) => tx.insert(schema.stock).values(rows).onConflictDoNothing(),
      );
    }),
  );

/** Whether there is any product. */
export const isSeeded = (databaseUrl: string): Promise<boolean> =>
  withDatabase(databaseUrl, async ({ db }) => {
    const rows = await db.select({ id: schema.products.id }).from(schema.products).limit(1);
    return rows.length > 0;
  });

/** A statement has 65,534 parameters at most, a row up to 8. */
const CHUNK = 2_000;

const inChunks = async <Row>(rows: readonly Row[], insert: (chunk: Row[]) => PromiseLike<unknown>): Promise<void> => {
  for (let start = 0; start < rows.length; start += CHUNK) await insert(rows.slice(start, start + CHUNK));
};

const withDatabase = async <T>(url: string, work: (database: ProductsDatabase) => Promise<T>): Promise<T> => {
  const database = openDatabase({ url, schema, max: 1, applicationName: "products-seed" });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
};
