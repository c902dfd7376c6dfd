import { kinds } from "../stages.ts";

export const COST_KINDS = kinds({});
