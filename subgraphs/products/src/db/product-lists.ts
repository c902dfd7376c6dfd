import { type SQL, sql } from "drizzle-orm";
import type { ProductStatus } from "../domain/product.ts";
import type { Search } from "../domain/search.ts";
import type { Db } from "./connection.ts";

/** Which products a list has. */
export interface ProductSelection {
  readonly status: ProductStatus;
  readonly search: Search;
  readonly categorySlug: string | null;
  /** Minor units, like `maxPrice`. */
  readonly minPrice: bigint | null;
  readonly maxPrice: bigint | null;
  readonly inStock: boolean | null;
}

export type ProductOrder = "RELEVANCE" | "PRICE_ASC" | "PRICE_DESC" | "NEWEST";

/** A place in a list: the exact value that the list is ordered by, as text, and the id that decides between equals. */
export interface ProductPlace {
  readonly id: string;
  readonly key: string;
}

export interface ProductRange {
  readonly order: ProductOrder;
  readonly direction: "forward" | "backward";
  readonly cursor: ProductPlace | null;
  /** Rows at most. */
  readonly limit: number;
}

/** Nearest to the cursor first, so in reverse list order for a backward range. */
export const findProductPlaces = async (
  db: Db,
  selection: ProductSelection,
  range: ProductRange,
): Promise<ProductPlace[]> => {
  const { places, orderBy } = selectPlaces(selection.search, range, conditionsOf(selection));
  const rows = await db.execute<{ id: string; key: string }>(sql`${places} order by ${orderBy}`);
  return rows.map(({ id, key }) => ({ id, key }));
};

export const countProducts = async (db: Db, selection: ProductSelection): Promise<number> => {
  const [row] = await db.execute<{ count: number }>(
    sql`select count(*)::int as count from products p where ${all(conditionsOf(selection))}`,
  );
  return row?.count ?? 0;
};

/** Whether full-text search finds anything at all among products of this status. */
export const hasWords = async (db: Db, status: ProductStatus, text: string): Promise<boolean> => {
  const conditions = [sql`p.status = ${status}`, sql`p.search_vector @@ ${toQuery(text)}`];
  const [row] = await db.execute<{ found: boolean }>(
    sql`select exists(select 1 from products p where ${all(conditions)}) as found`,
  );
  return row?.found ?? false;
};

/** The same range of the active products in each of these categories and below it. */
export const findPlacesInCategories = async (
  db: Db,
  categoryIds: readonly string[],
  range: ProductRange,
): Promise<(ProductPlace & { categoryId: string })[]> => {
  const { places, orderBy } = selectPlaces({ kind: "none" }, range, activeInRoot);
  const rows = await db.execute<{ id: string; key: string; category_id: string }>(sql`
    ${belowEach(categoryIds)}
    select page.id, page.key, root.id as category_id
    from categories root cross join lateral (${places}) page
    where root.id in ${[...categoryIds]}
    order by root.id, ${orderBy}`);
  return rows.map(({ id, key, category_id }) => ({ id, key, categoryId: category_id }));
};

export const countInCategories = async (db: Db, categoryIds: readonly string[]): Promise<Map<string, number>> => {
  const rows = await db.execute<{ category_id: string; count: number }>(sql`
    ${belowEach(categoryIds)}
    select root.id as category_id, (select count(*)::int from products p where ${all(activeInRoot)}) as count
    from categories root
    where root.id in ${[...categoryIds]}`);
  return new Map(rows.map(({ category_id, count }) => [category_id, count]));
};

/** A pair of (sort value, id) is compared as a whole, so that products of equal value are neither lost nor repeated. */
const selectPlaces = (
  search: Search,
  { order, direction, cursor, limit }: ProductRange,
  conditions: readonly SQL[],
): { places: SQL; orderBy: SQL } => {
  const { value, text, parse, descending } = orderings(search)[order];
  const downwards = descending !== (direction === "backward");
  const beyond = cursor
    ? [sql`(${value}, p.id) ${downwards ? sql`<` : sql`>`} (${parse(cursor.key)}, ${cursor.id})`]
    : [];
  const way = downwards ? sql`desc` : sql`asc`;
  return {
    places: sql`
      select page.id, ${text(sql`page.value`)} as key, page.value from (
        select p.id, ${value} as value from products p
        where ${all([...conditions, ...beyond])}
        order by value ${way}, p.id ${way} limit ${limit}
      ) page`,
    orderBy: sql`page.value ${way}, page.id ${way}`,
  };
};

interface Ordering {
  readonly value: SQL;
  /** Exact text of a value, which `parse` reads back as the very same value. */
  readonly text: (value: SQL) => SQL;
  readonly parse: (key: string) => SQL;
  readonly descending: boolean;
}

const orderings = (search: Search): Record<ProductOrder, Ordering> => {
  const price = {
    value: sql`p.min_price`,
    text: (value: SQL) => sql`${value}::text`,
    parse: (key: string) => sql`${key}::bigint`,
  };
  const newest = {
    value: sql`p.created_at`,
    text: (value: SQL) => sql`(extract(epoch from ${value}) * 1000)::bigint::text`,
    parse: (key: string) => sql`${new Date(Number(key)).toISOString()}::timestamptz`,
    descending: true,
  };
  return {
    PRICE_ASC: { ...price, descending: false },
    PRICE_DESC: { ...price, descending: true },
    NEWEST: newest,
    RELEVANCE:
      search.kind === "none"
        ? newest
        : {
            value: score(search),
            // Postgres and JavaScript both write the shortest text that names one float8 only.
            text: (value: SQL) => sql`${value}::text`,
            parse: (key: string) => sql`${Number(key)}::float8`,
            descending: true,
          },
  };
};

const score = (search: Exclude<Search, { kind: "none" }>): SQL =>
  search.kind === "words"
    ? sql`ts_rank(p.search_vector, ${toQuery(search.text)})::float8`
    : sql`(select avg(word_similarity(word, p.search_text))::float8 from unnest(${toWords(search.words)}) as word)`;

const conditionsOf = (selection: ProductSelection): SQL[] => {
  const { status, search, categorySlug } = selection;
  return [
    sql`p.status = ${status}`,
    ...(search.kind === "words" ? [sql`p.search_vector @@ ${toQuery(search.text)}`] : []),
    ...(search.kind === "resembling" ? [sql`p.id in (select products_resembling(${toWords(search.words)}))`] : []),
    ...(categorySlug === null ? [] : [sql`p.id in (${productsBelow(categorySlug)})`]),
    ...variantConditions(selection),
  ];
};

const variantConditions = ({ minPrice, maxPrice, inStock }: ProductSelection): SQL[] => {
  const priced = [
    ...(minPrice === null ? [] : [sql`v.price >= ${minPrice.toString()}::bigint`]),
    ...(maxPrice === null ? [] : [sql`v.price <= ${maxPrice.toString()}::bigint`]),
  ];
  const ofProduct = [sql`v.product_id = p.id`, sql`v.removed_at is null`];
  const inStockToo = sql`exists (select 1 from stock s where s.variant_id = v.id and s.on_hand > s.reserved)`;
  const some = (conditions: readonly SQL[]) =>
    sql`exists (select 1 from variants v where ${all([...ofProduct, ...conditions])})`;
  if (inStock === true) return [some([...priced, inStockToo])];
  return [...(priced.length > 0 ? [some(priced)] : []), ...(inStock === false ? [sql`not ${some([inStockToo])}`] : [])];
};

/** `union`, not `union all`: a cycle, should one ever be, ends. */
const productsBelow = (categorySlug: string): SQL => sql`
  with recursive below (id) as (
    select id from categories where slug = ${categorySlug}
    union select c.id from categories c join below on c.parent_id = below.id
  )
  select pc.product_id from below join product_categories pc on pc.category_id = below.id`;

const belowEach = (categoryIds: readonly string[]): SQL => sql`
  with recursive below (root_id, id) as (
    select id, id from categories where id in ${[...categoryIds]}
    union select below.root_id, c.id from categories c join below on c.parent_id = below.id
  )`;

const activeInRoot = [
  sql`p.status = 'ACTIVE'`,
  sql`p.id in (
    select pc.product_id from below join product_categories pc on pc.category_id = below.id
    where below.root_id = root.id)`,
];

/** Reads any text without a syntax error. */
const toQuery = (text: string): SQL => sql`websearch_to_tsquery('catalogue', ${text})`;

const toWords = (words: readonly string[]): SQL =>
  sql`array[${sql.join(
    words.map((word) => sql`lower(unaccent(${word}))`),
    sql`, `,
  )}]::text[]`;

const all = (conditions: readonly SQL[]): SQL => sql.join([...conditions], sql` and `);
