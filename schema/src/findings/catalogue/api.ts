import { kinds } from "../stages.ts";

export const API_KINDS = kinds({});
