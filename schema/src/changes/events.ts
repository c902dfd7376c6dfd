import type { CheckConfig } from "../check/config.ts";
import type { Finding } from "../findings/finding.ts";
import type { Revision } from "../revisions/revision.ts";

export const eventFindings = (_head: Revision, _base: Revision | null, _config: CheckConfig): Finding[] => [];
