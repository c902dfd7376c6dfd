import { isId, type Page } from "@supergraph/service";
import DataLoader from "dataloader";
import type { Db } from "./db/connection.ts";
import { find{{Entities}}, find{{Entities}}Of } from "./db/{{entities-file}}.ts";
import type { {{Entity}}Row } from "./db/schema.ts";

export interface Loaders {
  /** Null for what does not exist. */
  readonly {{entity}}: DataLoader<string, {{Entity}}Row | null>;
  /** Up to `limit + 1`, the newest first. The same page of many {{owner plural words}} is one statement. */
  {{entities}}Of{{Owner}}({{owner}}Id: string, page: Page<string>): Promise<{{Entity}}Row[]>;
}

/** Made for one request: what they remember is true for this moment only. */
export const createLoaders = (db: Db): Loaders => {
  const byPage = new Map<string, DataLoader<string, {{Entity}}Row[]>>();
  const loaderOf = (page: Page<string>): DataLoader<string, {{Entity}}Row[]> => {
    const key = JSON.stringify(page);
    const known = byPage.get(key);
    if (known) return known;
    const loader = new DataLoader<string, {{Entity}}Row[]>(async ({{owner}}Ids) => {
      const lists = new Map({{owner}}Ids.map((id): [string, {{Entity}}Row[]] => [id, []]));
      for (const row of await find{{Entities}}Of(db, {{owner}}Ids, page)) lists.get(row.{{owner}}Id)?.push(row);
      return {{owner}}Ids.map((id) => lists.get(id) ?? []);
    }, BATCHES);
    byPage.set(key, loader);
    return loader;
  };
  return {
    {{entity}}: new DataLoader(async (ids) => {
      const askable = ids.filter((id) => isId("{{prefix}}", id));
      const found = askable.length > 0 ? await find{{Entities}}(db, askable) : [];
      const byId = new Map(found.map((row) => [row.id, row]));
      return ids.map((id) => byId.get(id) ?? null);
    }, BATCHES),
    {{entities}}Of{{Owner}}: ({{owner}}Id, page) => loaderOf(page).load({{owner}}Id),
  };
};

/** A request may name more than a statement of Postgres takes parameters. */
const BATCHES = { maxBatchSize: 10_000 };
