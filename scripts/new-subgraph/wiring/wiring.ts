import { CODE } from "./code.ts";
import { COMPOSE } from "./compose.ts";
import type { Edit } from "./edit.ts";
import { FOUR_DATABASES } from "./four-databases.ts";
import { IMAGES } from "./images.ts";
import { OBSERVABILITY } from "./observability.ts";
import { TLS } from "./tls.ts";

/** Every file that knows each subgraph by its name. */
export const WIRING: readonly Edit[] = [...CODE, ...IMAGES, ...COMPOSE, ...FOUR_DATABASES, ...TLS, ...OBSERVABILITY];
