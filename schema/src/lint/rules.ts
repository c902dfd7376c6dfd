import type { Rule } from "./rule.ts";
import { connectionArguments, connectionShape, pageInfoShape } from "./rules/connections.ts";
import { deprecations } from "./rules/deprecations.ts";
import { descriptions } from "./rules/descriptions.ts";
import { inputNames } from "./rules/inputs.ts";
import { listEntries } from "./rules/list-entries.ts";
import { mutationInput, mutationPayload } from "./rules/mutations.ts";
import { naming, queryVerbs, typeNameAffixes } from "./rules/naming.ts";
import { pagination } from "./rules/pagination.ts";
import { reachability } from "./rules/reachability.ts";

/** Every rule, in the order in which they tell of one and the same thing. */
export const RULES: readonly Rule[] = [
  naming,
  typeNameAffixes,
  queryVerbs,
  descriptions,
  deprecations,
  pagination,
  connectionShape,
  connectionArguments,
  pageInfoShape,
  mutationInput,
  mutationPayload,
  inputNames,
  listEntries,
  reachability,
];
