import { kinds } from "../stages.ts";

export const CONTRACT_KINDS = kinds({});
