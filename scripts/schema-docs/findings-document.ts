import { CATALOGUE } from "../../schema/src/findings/catalogue.ts";
import { type FindingKind, STAGES, type Stage, UNAPPROVABLE } from "../../schema/src/findings/stages.ts";

const STAGE_TITLES: Readonly<Record<Stage, string>> = {
  parse: "Reading the subgraphs",
  lint: "Lint",
  compose: "Composition",
  hints: "Hints of composition",
  load: "Loading in the router",
  drift: "Committed files",
  api: "The API",
  federation: "Federation",
  security: "Security",
  cost: "Cost",
  operations: "Known operations",
  plans: "Query plans",
  contracts: "Contracts",
  events: "Events",
  approvals: "Approvals",
};

/** The whole of schema/findings.md: what each finding means, and how to mend it. */
export const renderFindingsDocument = (): string => {
  const kinds = Object.entries(CATALOGUE);
  return [
    "<!-- Written by `npm run docs:schema` from schema/src/findings/catalogue: change that. -->",
    "",
    "# Findings",
    "",
    `What \`npm run schema -- check\` can say, in the order in which it looks: ${kinds.length} findings. An **error** blocks until it is`,
    "mended or approved, a **warning** asks for a look, an **info** tells. `severities` in `check.config.ts` sets another severity, or",
    "`off`, by a finding's code. The codes of composition are those that federation itself gives.",
    "",
    ...STAGES.flatMap((stage) =>
      section(
        stage,
        kinds.filter(([, kind]) => kind.stage === stage),
      ),
    ),
  ].join("\n");
};

const section = (stage: Stage, kinds: readonly (readonly [string, FindingKind])[]): string[] =>
  kinds.length === 0
    ? []
    : [
        `## ${STAGE_TITLES[stage]}`,
        "",
        ...(UNAPPROVABLE.has(stage)
          ? ["Nobody can approve these: there is nothing to serve. The exit code is 2.", ""]
          : []),
        ...kinds.flatMap(([code, { severity, title, meaning, remedy }]) => [
          `### ${code}`,
          "",
          `**${severity}** · ${title}`,
          "",
          meaning,
          "",
          `*What to do:* ${remedy}`,
          "",
        ]),
      ];
