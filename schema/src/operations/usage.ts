import type { Subject } from "../check/comparison.ts";
import type { Finding } from "../findings/finding.ts";

export const usageFindings = (_: Subject): Finding[] => [];
