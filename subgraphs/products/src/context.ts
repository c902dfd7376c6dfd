import type { CallerContext } from "@supergraph/service";
import type { makeAdjustStock } from "./commands/adjust-stock.ts";
import type { makeUpsertProduct } from "./commands/upsert-product.ts";
import type { Db } from "./db/database.ts";
import type { Loaders } from "./loaders.ts";

export interface Commands {
  readonly upsertProduct: ReturnType<typeof makeUpsertProduct>;
  readonly adjustStock: ReturnType<typeof makeAdjustStock>;
}

export interface Context extends CallerContext {
  readonly db: Db;
  readonly loaders: Loaders;
  readonly commands: Commands;
}
