import type { Transactions } from "@supergraph/postgres";
import { newId } from "@supergraph/service";
import type { Schema } from "../db/connection.ts";
import { insert{{Entity}} } from "../db/{{entities-file}}.ts";
import type { {{Entity}}Row } from "../db/schema.ts";
import { type InvalidField, parse{{Entity}}, type Raw{{Entity}} } from "../domain/{{entity-file}}.ts";

export interface Deps {
  readonly inTransaction: Transactions<Schema>["inTransaction"];
  readonly now: () => Date;
}

export type Create{{Entity}}Result =
  | { readonly kind: "created"; readonly {{entity}}: {{Entity}}Row }
  | { readonly kind: "invalid"; readonly fields: readonly InvalidField[] };

export type Create{{Entity}} = ReturnType<typeof makeCreate{{Entity}}>;

/** Whether there is such a {{owner words}} is another subgraph's to know, and is not asked. */
export const makeCreate{{Entity}} =
  ({ inTransaction, now }: Deps) =>
  async (raw: Raw{{Entity}}, createdBy: string): Promise<Create{{Entity}}Result> => {
    const parsed = parse{{Entity}}(raw);
    if (parsed.kind === "invalid") return parsed;
    const { {{owner}}Id, text } = parsed;
    const {{entity}} = { id: newId("{{prefix}}"), {{owner}}Id, text, createdBy, createdAt: now() };
    await inTransaction((tx) => insert{{Entity}}(tx, {{entity}}));
    return { kind: "created", {{entity}} };
  };
