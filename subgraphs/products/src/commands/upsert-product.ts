import type { Cause } from "@supergraph/messaging";
import { appendToOutbox } from "@supergraph/postgres";
import { isId, newId } from "@supergraph/service";
import type { Tx } from "../db/connection.ts";
import { findProductsBySlug, insertProduct, lockProduct, updateProduct } from "../db/products.ts";
import { isUniqueViolation } from "../db/unique-violation.ts";
import { findAllVariantsOfProduct, findTakenSkus, parkSkus, removeVariants, saveVariants } from "../db/variants.ts";
import type { Problem } from "../domain/problem.ts";
import { changeProduct, type KnownProduct } from "../domain/product-change.ts";
import { type ProductDraft, type ProductInput, readProduct } from "../domain/product-input.ts";
import { variantChanged } from "../outgoing.ts";
import type { Deps } from "./deps.ts";

export type UpsertProductResult =
  | { kind: "saved"; productId: string }
  | { kind: "refused"; problems: readonly Problem[] };

/**
 * Creates a product (no `id`) or replaces one whole. Of two who change the same product the later one wins; each sees
 * the other's change whole. Variants whose published facts changed are told in the same transaction.
 */
export const makeUpsertProduct =
  ({ inTransaction, db, now }: Deps) =>
  async (input: ProductInput & { id?: string | null | undefined }, cause: Cause): Promise<UpsertProductResult> => {
    const read = readProduct(input);
    if (read.kind === "refused") return read;
    const id = input.id ?? null;
    if (id !== null && !isId("prd", id)) return refuse([productNotFound]);
    const draft = read.product;
    try {
      return await inTransaction((tx) => save(tx, id, draft, now(), cause));
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      return refuse(await findTaken(db, id, draft));
    }
  };

const save = async (
  tx: Tx,
  id: string | null,
  draft: ProductDraft,
  at: Date,
  cause: Cause,
): Promise<UpsertProductResult> => {
  const known = id === null ? null : await findKnown(tx, id);
  if (id !== null && known === null) return refuse([productNotFound]);
  const change = changeProduct(known, draft, () => newId("var"));
  if (change.kind === "foreignVariants") return refuse(change.indexes.map(variantNotFound));

  const productId = id ?? newId("prd");
  if (id === null) await insertProduct(tx, { ...draft, id: productId, createdAt: at });
  else await updateProduct(tx, productId, draft);
  await removeVariants(tx, change.removed, at);
  await parkSkus(tx, change.renamed);
  await saveVariants(tx, productId, change.saved);
  await appendToOutbox(
    tx,
    change.published.map((variant) => variantChanged(productId, variant, at, cause)),
  );
  return { kind: "saved", productId };
};

const findKnown = async (tx: Tx, id: string): Promise<KnownProduct | null> => {
  const product = await lockProduct(tx, id);
  return product && { ...product, variants: await findAllVariantsOfProduct(tx, id) };
};

/** The database said that something is taken, which undid everything; this finds out what, for the answer. */
const findTaken = async (db: Deps["db"], id: string | null, draft: ProductDraft): Promise<Problem[]> => {
  const [withSlug] = await findProductsBySlug(db, [draft.slug]);
  const skus = draft.variants.map(({ sku }) => sku);
  const takenSkus = await findTakenSkus(db, skus, id);
  const problems: Problem[] = [
    ...(withSlug && withSlug.id !== id ? [slugTaken(draft.slug)] : []),
    ...skus.flatMap((sku, index) => (takenSkus.has(sku) ? [skuTaken(sku, index)] : [])),
  ];
  return problems.length > 0 ? problems : [takenAMomentAgo];
};

const refuse = (problems: readonly Problem[]): UpsertProductResult => ({ kind: "refused", problems });

const productNotFound: Problem = { code: "NOT_FOUND", message: "There is no such product.", path: ["input", "id"] };

const variantNotFound = (index: number): Problem => ({
  code: "NOT_FOUND",
  message: "This product has no such variant.",
  path: ["input", "variants", String(index), "id"],
});

const slugTaken = (slug: string): Problem => ({
  code: "SLUG_TAKEN",
  message: `Another product has the slug ${JSON.stringify(slug)}.`,
  path: ["input", "slug"],
});

const skuTaken = (sku: string, index: number): Problem => ({
  code: "SKU_TAKEN",
  message: `Another variant has the SKU ${JSON.stringify(sku)}.`,
  path: ["input", "variants", String(index), "sku"],
});

/** Whoever had it gave it back between the two looks. */
const takenAMomentAgo: Problem = {
  code: "SKU_TAKEN",
  message: "The slug or a SKU was taken a moment ago and is free again: try again.",
  path: null,
};
