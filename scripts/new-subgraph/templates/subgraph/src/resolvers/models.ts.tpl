import type { Connection } from "@supergraph/service";
import type { {{Entity}}Row } from "../db/schema.ts";

/** It belongs to another subgraph: its id is all that is known here. */
export interface {{Owner}}Model {
  readonly id: string;
}

export type {{Entity}}ConnectionModel = Connection<{{Entity}}Row>;
