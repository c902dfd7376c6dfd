import type { Comparison } from "../check/comparison.ts";
import type { Finding } from "../findings/finding.ts";

export const costFindings = (_: Comparison): Finding[] => [];
