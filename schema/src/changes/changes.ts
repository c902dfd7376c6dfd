import type { Comparison } from "../check/comparison.ts";
import type { Finding } from "../findings/finding.ts";
import { apiFindings } from "./api.ts";
import { costFindings } from "./cost.ts";
import { federationFindings } from "./federation.ts";
import { securityFindings } from "./security.ts";

/** All that is different between two states of a graph, for whomever it concerns. */
export const changesOf = async (comparison: Comparison): Promise<Finding[]> => [
  ...(await apiFindings(comparison)),
  ...federationFindings(comparison),
  ...securityFindings(comparison),
  ...costFindings(comparison),
];
