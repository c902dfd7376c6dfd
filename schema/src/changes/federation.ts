import type { Comparison } from "../check/comparison.ts";
import type { Finding } from "../findings/finding.ts";

export const federationFindings = (_: Comparison): Finding[] => [];
