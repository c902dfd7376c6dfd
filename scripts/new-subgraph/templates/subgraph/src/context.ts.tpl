import type { CallerContext } from "@supergraph/service";
import type { Create{{Entity}} } from "./commands/create-{{entity-file}}.ts";
import type { Loaders } from "./loaders.ts";

export interface Context extends CallerContext {
  readonly commands: { readonly create{{Entity}}: Create{{Entity}} };
  readonly loaders: Loaders;
}
