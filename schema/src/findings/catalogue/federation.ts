import { kinds } from "../stages.ts";

export const FEDERATION_KINDS = kinds({});
