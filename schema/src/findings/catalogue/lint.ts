import { kinds } from "../stages.ts";

export const LINT_KINDS = kinds({});
