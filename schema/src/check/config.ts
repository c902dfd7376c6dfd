import { z } from "zod";
import { isFindingCode } from "../findings/catalogue.ts";
import { SEVERITIES } from "../findings/finding.ts";
import { LintSettings } from "../lint/settings.ts";

const path = () => z.string().min(1);
const SeverityOrOff = z.enum([...SEVERITIES, "off"]);

const Contract = z.strictObject({
  include: z
    .array(z.string().min(1))
    .default([])
    .describe("Only what has one of these tags, and what leads to it; all where empty."),
  exclude: z.array(z.string().min(1)).default([]).describe("Nothing that has one of these tags."),
  clients: z.array(z.string()).default([]).describe("Clients that are served by it: what they send must be in it."),
  hideUnreachable: z.boolean().default(true).describe("Leaves out types that no field leads to any more."),
});

/** Everything that a check is told, in the shape of `check.config.ts`. Paths are relative to the configuration. */
export const CheckSettings = z.strictObject({
  severities: z
    .record(
      z.string().refine((code): boolean => isFindingCode(code), {
        error: ({ input }) => `there is no finding ${String(input)}: see schema/README.md`,
      }),
      SeverityOrOff,
    )
    .default({})
    .describe("By a finding's code: another severity than its own, or `off`."),
  lint: LintSettings,
  artifacts: z
    .strictObject({ supergraph: path().optional(), api: path().optional() })
    .default({})
    .describe("Committed files that must be what composition gives."),
  generated: z
    .array(
      z.strictObject({ file: path(), from: z.array(path()).min(1), command: z.string().default("npm run codegen") }),
    )
    .default([])
    .describe("Files with a `sha256:` of what they were generated from; folders stand for the .graphql files in them."),
  operations: path()
    .default("operations")
    .describe("Folder of what clients send: `<client>/*.graphql`, `traffic.yaml`."),
  approvals: path().default("approvals.yaml"),
  events: path().optional().describe("Versioned event contracts, as JSON."),
  contracts: z
    .record(z.string().regex(/^[a-z][\w-]*$/i), Contract)
    .default({})
    .describe("Variants of the API, by `@tag`."),
  owners: z.record(z.string(), z.string()).default({}).describe("Whom to ask: by the name of a subgraph or a client."),
  plans: z
    .strictObject({
      listSize: z.int().min(1).default(10).describe("Entries of a list of which nothing tells how many it has."),
      blockingShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe("From this share of the known traffic on a plan that asks more often, or waits longer, blocks."),
      minEntityGrowth: z.number().min(1).default(1.5).describe("From this ratio on more entities are worth telling."),
    })
    .prefault({}),
});

export type CheckConfig = z.output<typeof CheckSettings>;

/** For `check.config.ts`: what is to be given; all else has a default. `export default { … } satisfies CheckConfigInput`. */
export type CheckConfigInput = z.input<typeof CheckSettings>;
