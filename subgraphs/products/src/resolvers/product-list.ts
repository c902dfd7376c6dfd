import { parseAmount, SHOP_CURRENCY } from "@supergraph/contracts";
import { badUserInput, forbidden, type Page } from "@supergraph/service";
import type { Context } from "../context.ts";
import {
  countProducts,
  findProductPlaces,
  hasWords,
  type ProductOrder,
  type ProductSelection,
} from "../db/product-lists.ts";
import { isListedFor, type ProductStatus } from "../domain/product.ts";
import { byResemblance, byWords, MAX_SEARCH_LENGTH, readSearch, type Search } from "../domain/search.ts";
import type { ProductFilter, QueryProductsArgs } from "../generated/resolvers.ts";
import {
  type ProductConnectionModel,
  type ProductCursor,
  rangeOf,
  readProductPage,
  toProductConnection,
} from "./connection.ts";

/** `Query.products`. */
export const listProducts = async (args: QueryProductsArgs, context: Context): Promise<ProductConnectionModel> => {
  const filter = readFilter(args.filter ?? {}, context);
  const text = readSearchArgument(args.search);
  const order = orderOf(args.sort ?? "RELEVANCE", text);
  const page = readProductPage(args, order, text === null ? ["none"] : ["words", "resembling"]);
  const search = await searchFor(text, page, filter.status, context);
  const selection = { ...filter, search };
  const places = await findProductPlaces(context.db, selection, rangeOf(page, order));
  return toProductConnection(places, page, { order, search: search.kind }, () => countProducts(context.db, selection));
};

/** `Category.products`. */
export const listProductsOfCategory = async (
  categoryId: string,
  args: { first?: number | null | undefined; after?: string | null | undefined },
  { loaders }: Context,
): Promise<ProductConnectionModel> => {
  const page = readProductPage({ first: args.first ?? null, after: args.after ?? null }, "NEWEST", ["none"]);
  const places = await loaders.placesInCategory.load({ categoryId, range: rangeOf(page, "NEWEST") });
  return toProductConnection(places, page, { order: "NEWEST", search: "none" }, () =>
    loaders.countInCategory.load(categoryId),
  );
};

/** Without a search there is no relevance, and a cursor of the one list is a cursor of the other. */
const orderOf = (sort: ProductOrder, text: string | null): ProductOrder =>
  sort === "RELEVANCE" && text === null ? "NEWEST" : sort;

/**
 * Whether products are sought by their words or by resemblance is decided on the first page; the pages after it follow
 * their cursor, so that a product which is added in between cannot turn the list into another.
 */
const searchFor = async (
  text: string | null,
  { cursor }: Page<ProductCursor>,
  status: ProductStatus,
  { db }: Context,
): Promise<Search> => {
  if (text === null) return { kind: "none" };
  const words = cursor ? cursor.search === "words" : await hasWords(db, status, text);
  return words ? byWords(text) : byResemblance(text);
};

const readSearchArgument = (typed: string | null | undefined): string | null => {
  const read = readSearch(typed);
  if (read.kind === "tooLong") throw badUserInput(`\`search\` has at most ${MAX_SEARCH_LENGTH} characters.`, "search");
  return read.kind === "search" ? read.text : null;
};

const readFilter = (filter: ProductFilter, { viewer }: Context): Omit<ProductSelection, "search"> => {
  const status = filter.status ?? "ACTIVE";
  if (!isListedFor(viewer, status))
    throw forbidden("Listing products that are not active needs the scope `catalog:read`.");
  const minPrice = readPrice(filter.minPrice, "filter.minPrice");
  const maxPrice = readPrice(filter.maxPrice, "filter.maxPrice");
  if (minPrice !== null && maxPrice !== null && minPrice > maxPrice)
    throw badUserInput("`minPrice` must not be above `maxPrice`.", "filter.minPrice");
  const { categorySlug = null, inStock = null } = filter;
  // No text in the database has a NUL, and the database refuses to be asked for one.
  if (categorySlug?.includes("\0"))
    throw badUserInput("`categorySlug` must not contain control characters.", "filter.categorySlug");
  return { status, minPrice, maxPrice, categorySlug, inStock };
};

const readPrice = (amount: string | null | undefined, argument: string): bigint | null => {
  if (amount == null) return null;
  const read = parseAmount(amount, SHOP_CURRENCY);
  if (read.kind === "ok") return read.money.minorUnits;
  throw badUserInput(
    read.kind === "tooPrecise"
      ? `${SHOP_CURRENCY} has ${read.allowedDecimals} decimals at most.`
      : "This price is out of range.",
    argument,
  );
};
