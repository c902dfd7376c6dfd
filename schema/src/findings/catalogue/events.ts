import { kinds } from "../stages.ts";

export const EVENT_KINDS = kinds({});
