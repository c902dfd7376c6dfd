import { money, SHOP_CURRENCY, toMoneyView } from "@supergraph/contracts";
import { badUserInput, type RequiredResolvers, scalarResolvers, unauthenticated } from "@supergraph/service";
import type { Context } from "../context.ts";
import { findRootCategories } from "../db/categories.ts";
import type { ProductRow } from "../db/products.ts";
import type { VariantRow } from "../db/variants.ts";
import type { Problem } from "../domain/problem.ts";
import { isListedFor, isPurchasable, isShownTo } from "../domain/product.ts";
import { availabilityOf, available, type Stock } from "../domain/stock.ts";
import type { CatalogUserError, QueryProductArgs, Resolvers, ResolversParentTypes } from "../generated/resolvers.ts";
import { forgetLoaded } from "../loaders.ts";
import { listProducts, listProductsOfCategory } from "./product-list.ts";

export const resolvers: RequiredResolvers<Resolvers, ResolversParentTypes> = {
  ...scalarResolvers,
  Query: {
    async product(_, args, context) {
      const product = await findProduct(args, context);
      return product && isListedFor(context.viewer, product.status) ? product : null;
    },
    products: (_, args, context) => listProducts(args, context),
    categories: (_, __, { db }) => findRootCategories(db),
    category: (_, { slug }, { loaders }) => loaders.categoryBySlug.load(slug),
  },
  Mutation: {
    async upsertProduct(_, { input }, { commands, correlationId, loaders }) {
      const result = await commands.upsertProduct(input, { correlationId, causationId: null });
      if (result.kind === "refused") return { product: null, userErrors: result.problems.map(toUserError) };
      forgetLoaded(loaders);
      return { product: await loaders.product.load(result.productId), userErrors: [] };
    },
    async adjustStock(_, { input }, { commands, loaders, viewer }) {
      if (!viewer) throw unauthenticated();
      const result = await commands.adjustStock(input, viewer.userId);
      if (result.kind === "refused") return { variant: null, userErrors: result.problems.map(toUserError) };
      forgetLoaded(loaders);
      return { variant: await loaders.variant.load(result.variantId), userErrors: [] };
    },
  },
  Product: {
    async __resolveReference(reference, { loaders, viewer }) {
      const product =
        "id" in reference ? await loaders.product.load(reference.id) : await loaders.productBySlug.load(reference.slug);
      return product && isShownTo(viewer, product.status) ? product : null;
    },
    categories: async ({ id }, _, { loaders }) =>
      (await loaders.categoriesOfProduct.load(id)).map(({ category }) => category),
    variants: ({ id }, _, { loaders }) => loaders.variantsOfProduct.load(id),
    priceRange: ({ minPrice, maxPrice }) => ({
      min: toMoneyView(money(minPrice, SHOP_CURRENCY)),
      max: toMoneyView(money(maxPrice, SHOP_CURRENCY)),
    }),
  },
  ProductVariant: {
    async __resolveReference({ id }, { loaders, viewer }) {
      const variant = await loaders.variant.load(id);
      return variant && isShownTo(viewer, variant.productStatus) ? variant : null;
    },
    price: ({ price, currency }) => toMoneyView(money(price, currency)),
    product: ({ productId }, _, context) => productOf(productId, context),
    availability: async (variant, _, context) =>
      availabilityOf(await stockOf(variant, context), isPurchasable(variant)),
    availableQuantity: async (variant, _, context) => available(await stockOf(variant, context)),
  },
  Category: {
    __resolveReference: ({ id }, { loaders }) => loaders.category.load(id),
    parent: ({ parentId }, _, { loaders }) => (parentId === null ? null : loaders.category.load(parentId)),
    children: ({ id }, _, { loaders }) => loaders.childCategories.load(id),
    products: ({ id }, args, context) => listProductsOfCategory(id, args, context),
  },
  ProductConnection: { totalCount: ({ count }) => count() },
  ProductEdge: { node: ({ productId }, _, context) => productOf(productId, context) },
};

const findProduct = ({ id, slug }: QueryProductArgs, { loaders }: Context): Promise<ProductRow | null> => {
  if (id != null && slug == null) return loaders.product.load(id);
  if (slug != null && id == null) return loaders.productBySlug.load(slug);
  throw badUserInput("Pass exactly one of `id` and `slug`.", id == null ? "id" : "slug");
};

/** Of an id that comes from the database itself: products are never deleted. */
const productOf = async (id: string, { loaders }: Context): Promise<ProductRow> => {
  const product = await loaders.product.load(id);
  if (!product) throw new Error(`Product ${id} is referred to in the database but is not there.`);
  return product;
};

const NO_STOCK: Stock = { onHand: 0, reserved: 0 };

const stockOf = async ({ id }: VariantRow, { loaders }: Context): Promise<Stock> =>
  (await loaders.stock.load(id)) ?? NO_STOCK;

const toUserError = ({ code, message, path }: Problem): CatalogUserError => ({ code, message, path });
