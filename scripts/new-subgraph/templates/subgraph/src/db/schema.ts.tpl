import { sql } from "drizzle-orm";
import { check, index, pgTable, text, timestamp } from "drizzle-orm/pg-core";

export const {{entities}} = pgTable(
  "{{table}}",
  {
    id: text("id").primaryKey(),
    /** It belongs to another subgraph: whether there is one is not known here. */
    {{owner}}Id: text("{{owner_column}}").notNull(),
    text: text("text").notNull(),
    /** Who added it. */
    createdBy: text("created_by").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    // Ids are time-ordered, so this is the order of a page, too.
    index("{{table}}_{{owner_column}}").on(table.{{owner}}Id, table.id.desc()),
    check("{{table}}_text_length", sql`char_length(${table.text}) between 1 and 2000`),
  ],
);

export type {{Entity}}Row = typeof {{entities}}.$inferSelect;
