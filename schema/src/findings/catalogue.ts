import { API_KINDS } from "./catalogue/api.ts";
import { APPROVAL_KINDS } from "./catalogue/approvals.ts";
import { COMPOSITION_ERROR_KINDS } from "./catalogue/composition-errors.ts";
import { COMPOSITION_HINT_KINDS } from "./catalogue/composition-hints.ts";
import { CONTRACT_KINDS } from "./catalogue/contracts.ts";
import { COST_KINDS } from "./catalogue/cost.ts";
import { EVENT_KINDS } from "./catalogue/events.ts";
import { FEDERATION_KINDS } from "./catalogue/federation.ts";
import { LINT_KINDS } from "./catalogue/lint.ts";
import { LOAD_KINDS } from "./catalogue/load.ts";
import { OPERATION_KINDS } from "./catalogue/operations.ts";
import { SECURITY_KINDS } from "./catalogue/security.ts";
import type { FindingKind } from "./stages.ts";

const PARTS = {
  ...LOAD_KINDS,
  ...COMPOSITION_ERROR_KINDS,
  ...COMPOSITION_HINT_KINDS,
  ...LINT_KINDS,
  ...API_KINDS,
  ...FEDERATION_KINDS,
  ...SECURITY_KINDS,
  ...COST_KINDS,
  ...CONTRACT_KINDS,
  ...EVENT_KINDS,
  ...OPERATION_KINDS,
  ...APPROVAL_KINDS,
};

export type FindingCode = keyof typeof PARTS;

/** Every code that a check can give. A code never changes its meaning: reviewers approve, and tools filter, by it. */
export const CATALOGUE: Readonly<Record<FindingCode, FindingKind>> = PARTS;

export const isFindingCode = (code: string): code is FindingCode => Object.hasOwn(CATALOGUE, code);
