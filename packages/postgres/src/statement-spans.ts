import { beginSpan, endSpan, isRecorded, SpanKind } from "@supergraph/tracing";
import type postgres from "postgres";
import { replaceUnsafe, whileExecuted } from "./query-insides.ts";
import { sqlStateOf } from "./sql-state.ts";

/** What all spans about the database `name` have. */
export const databaseAttributes = (name: string) => ({ "db.system.name": "postgresql", "db.namespace": name });

/**
 * Has each statement that is run by `unsafe`, as Drizzle runs all of its own, in a span where what it is run for is
 * recorded. A span has the statement's text, in which values stand as `$1`, and none of the values.
 */
export const traceStatements = (client: postgres.Sql, database: string): postgres.Sql =>
  replaceUnsafe(client, (unsafe) => (text, ...rest) => {
    const query = unsafe(text, ...rest);
    return isRecorded() ? whileExecuted(query, () => begin(text, database)) : query;
  });

const begin = (text: string, database: string) => {
  const { operation, table } = summarize(text);
  const summary = table === null ? operation : `${operation} ${table}`;
  const { span } = beginSpan(summary, {
    kind: SpanKind.CLIENT,
    attributes: {
      ...databaseAttributes(database),
      "db.operation.name": operation,
      ...(table === null ? {} : { "db.collection.name": table }),
      "db.query.summary": summary,
      "db.query.text": text.trim(),
    },
  });
  return (failure?: { readonly error: unknown }) => {
    const state = failure && sqlStateOf(failure.error);
    if (state !== undefined) span.setAttribute("db.response.status_code", state);
    endSpan(span, failure);
  };
};

/** What a statement does and to which table, as far as its first words tell: few and telling names, not an analysis. */
export const summarize = (text: string): { readonly operation: string; readonly table: string | null } => {
  const [, operation = "SQL"] = /^[\s(]*([a-z]+)/i.exec(text) ?? [];
  const [, table = null] = TABLE.exec(text) ?? [];
  return { operation: operation.toUpperCase(), table };
};

/** Not what a function answers, whose name follows `from` as well. */
const TABLE = /\b(?:into|update|from(?!\s+\w+\s*\())\s+(?:"?public"?\.)?"?([a-z_]\w*)/i;
