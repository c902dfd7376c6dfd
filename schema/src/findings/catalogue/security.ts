import { kinds } from "../stages.ts";

export const SECURITY_KINDS = kinds({});
