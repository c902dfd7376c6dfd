import { type SQL, sql } from "drizzle-orm";

/**
 * `rows` as a table named `changed`, of the columns that `columns` declares (`id text, quantity int`): one parameter and
 * one statement text, however many rows there are.
 */
export const jsonRows = (rows: readonly object[], columns: string): SQL =>
  sql`json_to_recordset(${JSON.stringify(rows)}::json) as changed (${sql.raw(columns)})`;
