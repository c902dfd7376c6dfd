import type { Page } from "@supergraph/service";
import { and, asc, desc, getTableColumns, inArray, lt, lte, sql } from "drizzle-orm";
import type { Db, Tx } from "./connection.ts";
import { type {{Entity}}Row, {{entities}} } from "./schema.ts";

/** Those that exist, in any order. */
export const find{{Entities}} = (db: Db, ids: readonly string[]): Promise<{{Entity}}Row[]> =>
  db
    .select()
    .from({{entities}})
    .where(inArray({{entities}}.id, [...ids]));

/** Of each of these {{owner plural words}} one more than the page has, where there is one; the newest first. */
export const find{{Entities}}Of = async (
  db: Db,
  {{owner}}Ids: readonly string[],
  { cursor, limit }: Page<string>,
): Promise<{{Entity}}Row[]> => {
  const place = sql<number>`row_number() over (partition by ${ {{entities}}.{{owner}}Id} order by ${ {{entities}}.id} desc)`;
  const ranked = db
    .select({ ...getTableColumns({{entities}}), place: place.as("place") })
    .from({{entities}})
    .where(and(inArray({{entities}}.{{owner}}Id, [...{{owner}}Ids]), cursor === null ? undefined : lt({{entities}}.id, cursor)))
    .as("ranked");
  const rows = await db
    .select()
    .from(ranked)
    .where(lte(ranked.place, limit + 1))
    .orderBy(asc(ranked.{{owner}}Id), desc(ranked.id));
  return rows.map(({ place: _, ...row }) => row);
};

export const insert{{Entity}} = async (tx: Tx, row: {{Entity}}Row): Promise<void> => {
  await tx.insert({{entities}}).values(row);
};
