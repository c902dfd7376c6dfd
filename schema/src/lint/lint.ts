import type { CheckConfig } from "../check/config.ts";
import type { Finding } from "../findings/finding.ts";
import type { Definitions, ParsedSubgraph } from "../revisions/definitions.ts";

export const lintFindings = (
  _subgraphs: readonly ParsedSubgraph[],
  _definitions: Definitions,
  _config: CheckConfig,
): Finding[] => [];
