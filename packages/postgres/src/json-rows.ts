import { type SQL, sql } from "drizzle-orm";

/**
 * `rows` as a table named `changed`, of the columns that `columns` declares (`id text, quantity int`), in their order:
 * one parameter and one statement text, however many rows there are. Dates and bigints arrive as their columns' types.
 */
export const jsonRows = (rows: readonly object[], columns: string): SQL =>
  sql`json_to_recordset(${JSON.stringify(rows, withBigints)}::json) as changed (${sql.raw(columns)})`;

const withBigints = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? value.toString() : value);
