import type { CallerContext } from "@supergraph/service";
import { makeAdjustStock } from "./commands/adjust-stock.ts";
import type { Deps } from "./commands/deps.ts";
import { makeUpsertProduct } from "./commands/upsert-product.ts";
import type { Db } from "./db/connection.ts";
import type { Loaders } from "./loaders.ts";

export const createCommands = (deps: Deps) => ({
  upsertProduct: makeUpsertProduct(deps),
  adjustStock: makeAdjustStock(deps),
});

export type Commands = ReturnType<typeof createCommands>;

export interface Context extends CallerContext {
  readonly db: Db;
  readonly commands: Commands;
  readonly loaders: Loaders;
}
