import { type ParseAmountResult, parseAmount, SHOP_CURRENCY } from "@supergraph/contracts";
import { invalid, type Problem, textProblems } from "./problem.ts";
import type { ProductStatus } from "./product.ts";

/** A product as a merchant wrote it. */
export interface ProductInput {
  readonly slug: string;
  readonly title: string;
  readonly description?: string | null | undefined;
  readonly status: ProductStatus;
  readonly variants: readonly VariantInput[];
}

export interface VariantInput {
  readonly id?: string | null | undefined;
  readonly sku: string;
  readonly title: string;
  readonly price: string;
  readonly currency: string;
}

/** The same, known to be well formed. */
export interface ProductDraft {
  readonly slug: string;
  readonly title: string;
  readonly description: string | null;
  readonly status: ProductStatus;
  readonly variants: readonly VariantDraft[];
}

export interface VariantDraft {
  /** Null for a new variant. */
  readonly id: string | null;
  readonly sku: string;
  readonly title: string;
  /** Minor units of `currency`. */
  readonly price: bigint;
  readonly currency: string;
}

export type ReadProductResult =
  | { kind: "product"; product: ProductDraft }
  | { kind: "refused"; problems: readonly Problem[] };

const MAX_VARIANTS = 100;
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_SLUG_LENGTH = 100;
const SKU = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;
const MAX_SKU_LENGTH = 64;
const TITLE = { min: 1, max: 200 };
const DESCRIPTION = { min: 0, max: 10_000, lines: true };

/** Tells all that is wrong at once, so that a form can show it beside its fields. */
export const readProduct = (input: ProductInput): ReadProductResult => {
  const count = input.variants.length;
  const countProblems =
    count < 1 || count > MAX_VARIANTS
      ? [invalid(["input", "variants"], `A product has from 1 to ${MAX_VARIANTS} variants, got ${count}.`)]
      : [];
  // A list that is far too long is not looked at any further: one problem says it all.
  const variants = (countProblems.length > 0 ? [] : input.variants).map(readVariant);
  const problems = [
    ...slugProblems(input.slug),
    ...textProblems(input.title, ["input", "title"], TITLE),
    ...textProblems(input.description ?? "", ["input", "description"], DESCRIPTION),
    ...countProblems,
    ...variants.flatMap((variant) => (variant.kind === "refused" ? variant.problems : [])),
    ...(countProblems.length > 0 ? [] : duplicateProblems(input.variants)),
  ];
  if (problems.length > 0) return { kind: "refused", problems };
  return {
    kind: "product",
    product: {
      slug: input.slug,
      title: input.title.trim(),
      description: input.description?.trim() || null,
      status: input.status,
      variants: variants.flatMap((variant) => (variant.kind === "variant" ? [variant.variant] : [])),
    },
  };
};

const slugProblems = (slug: string): Problem[] => {
  const path = ["input", "slug"];
  if (slug.length > MAX_SLUG_LENGTH) return [invalid(path, `A slug has at most ${MAX_SLUG_LENGTH} characters.`)];
  return SLUG.test(slug)
    ? []
    : [invalid(path, "A slug has lower-case letters, digits and single hyphens between them, such as `desk-lamp-2`.")];
};

const readVariant = (
  { id, sku, title, price, currency }: VariantInput,
  index: number,
): { kind: "variant"; variant: VariantDraft } | { kind: "refused"; problems: Problem[] } => {
  const at = (field: string) => ["input", "variants", String(index), field];
  const amount = parseAmount(price, SHOP_CURRENCY);
  const problems = [
    ...skuProblems(sku, at("sku")),
    ...textProblems(title, at("title"), TITLE),
    ...priceProblems(amount, at("price")),
    ...(currency === SHOP_CURRENCY ? [] : [invalid(at("currency"), `The shop sells in ${SHOP_CURRENCY} only.`)]),
  ];
  if (amount.kind !== "ok" || problems.length > 0) return { kind: "refused", problems };
  return {
    kind: "variant",
    variant: { id: id ?? null, sku, title: title.trim(), price: amount.money.minorUnits, currency: SHOP_CURRENCY },
  };
};

const skuProblems = (sku: string, path: string[]): Problem[] => {
  if (sku.length > MAX_SKU_LENGTH) return [invalid(path, `A SKU has at most ${MAX_SKU_LENGTH} characters.`)];
  return SKU.test(sku)
    ? []
    : [invalid(path, "A SKU starts with a letter or digit, and has letters, digits, `.`, `_`, `/` and `-` only.")];
};

const priceProblems = (amount: ParseAmountResult, path: string[]): Problem[] => {
  switch (amount.kind) {
    case "ok":
      return amount.money.minorUnits > 0n ? [] : [invalid(path, "A price is more than zero.")];
    case "tooPrecise":
      return [invalid(path, `${SHOP_CURRENCY} has ${amount.allowedDecimals} decimals at most.`)];
    case "outOfRange":
      return [invalid(path, "The price is too high.")];
    case "notANumber":
    case "unknownCurrency":
      return [invalid(path, 'A price is decimal text such as "19.99".')];
  }
};

/** The second of two equal ones is at fault. */
const duplicateProblems = (variants: readonly VariantInput[]): Problem[] => {
  const skus = new Set<string>();
  const ids = new Set<string>();
  return variants.flatMap(({ id, sku }, index) => {
    const problems = [
      ...(skus.has(sku)
        ? [invalid(["input", "variants", String(index), "sku"], `The SKU ${JSON.stringify(sku)} is given twice.`)]
        : []),
      ...(id != null && ids.has(id)
        ? [invalid(["input", "variants", String(index), "id"], "The same variant is given twice.")]
        : []),
    ];
    skus.add(sku);
    if (id != null) ids.add(id);
    return problems;
  });
};
