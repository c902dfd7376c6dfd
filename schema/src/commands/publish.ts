import { readFile } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { Command, Option } from "commander";
import { readApprovals } from "../approvals/approvals.ts";
import type { Report } from "../check/report.ts";
import { EXIT_CODES } from "../check/report.ts";
import type { SubgraphSource } from "../composition/compose.ts";
import { diskCache } from "../composition/disk-cache.ts";
import { type Format, renderReport } from "../formats/formats.ts";
import type { Run, Shell } from "../program.ts";
import { actorOf } from "../registry/actor.ts";
import { withRegistry } from "../registry/open.ts";
import { byOption, environmentOption, waitOption, whyOption } from "../registry/options.ts";
import { tellHealed, tellOutcome } from "../registry/outcome.ts";
import { createProposer, type Publication } from "../registry/proposal.ts";
import type { Revision } from "../revisions/revision.ts";
import { UsageError } from "../usage-error.ts";
import { openWorkspace, readHead, readText, type Workspace } from "../workspace.ts";
import { approvalsPathOf, cacheFolderOf } from "./run-check.ts";

interface Options {
  readonly environment: string;
  readonly version: string;
  readonly schema?: string;
  readonly url?: string;
  readonly all?: true;
  readonly by?: string;
  readonly why?: string;
  readonly waitForRouters: number;
  readonly format: Extract<Format, "human" | "json" | "markdown">;
}

export const publishCommand = (shell: Shell, ended: Run): Command =>
  new Command("publish")
    .description(
      "Makes a subgraph live in an environment, if the check against what is live there lets it pass. Exit code: 0 live, 1 blocked by the check or refused by a router, 2 cannot compose or load, 3 usage.",
    )
    .argument("[subgraph]", "the one that is published; the others stay as they are live")
    .option("--all", "every subgraph of the configuration, in place of what is live: for the first version")
    .addOption(environmentOption())
    .requiredOption("--version <text>", "what this state of it is called, such as 1.4.0 or a commit")
    .option("--schema <path>", "its SDL; what the configuration names unless given")
    .option("--url <url>", "where routers reach it; what the configuration says unless given")
    .addOption(byOption())
    .addOption(whyOption())
    .addOption(waitOption())
    .addOption(new Option("--format <format>", "of the report").choices(["human", "json", "markdown"]).default("human"))
    .action(async (name: string | undefined, options: Options, command: Command) => {
      const workspace = await openWorkspace(command.optsWithGlobals<{ config: string }>().config);
      const approvalsPath = approvalsPathOf(workspace);
      const [head, approvals, by] = await Promise.all([
        readHead(workspace),
        readText(workspace, approvalsPath).then((text) => readApprovals(text, approvalsPath)),
        actorOf(options.by, workspace, shell),
      ]);
      const { environment, version, why = null, waitForRouters: waitMs } = options;
      const publication: Publication = {
        environment,
        version,
        isWhole: name === undefined,
        subgraphs: name === undefined ? whole(options, head) : [await subgraphOf(name, options, head, workspace)],
      };
      const cache = diskCache(cacheFolderOf(workspace));
      const proposer = createProposer(publication, { workspace, head, approvals, cache, now: shell.now });
      const outcome = await withRegistry(shell, async (registry) => {
        shell.err(tellHealed(await registry.heal(environment)));
        return registry.publish({ environment, by, why, waitMs }, (current) => proposer.propose(current));
      });
      const report = proposer.report();
      const { config, configPath } = workspace;
      if (report) shell.out(renderReport(report, options.format, { shell, owners: config.owners, configPath }));
      if (outcome.kind === "declined") {
        shell.err(`Nothing was published to ${environment}.${hintOf(publication, report)}\n`);
        return ended(EXIT_CODES[report?.verdict ?? "broken"]);
      }
      const { text, code } = tellOutcome(outcome, environment);
      // Beside a report that a tool reads.
      (options.format === "human" ? shell.out : shell.err)(text);
      ended(code);
    });

const whole = ({ all, schema, url }: Options, head: Revision): readonly SubgraphSource[] => {
  if (!all) throw new UsageError("What is to be published? Expected the name of a subgraph, or --all.");
  if (schema === undefined && url === undefined) return head.subgraphs;
  throw new UsageError("--schema and --url are of one subgraph: expected its name in place of --all.");
};

const subgraphOf = async (
  name: string,
  { all, schema, url }: Options,
  head: Revision,
  { root }: Workspace,
): Promise<SubgraphSource> => {
  if (all) throw new UsageError(`--all publishes every subgraph: expected either it or ${name}.`);
  if (!/^[A-Za-z][\w-]*$/.test(name))
    throw new UsageError(
      `${JSON.stringify(name)} is no name of a subgraph: expected a letter, then letters, digits, - and _.`,
    );
  const listed = head.subgraphs.find((subgraph) => subgraph.name === name);
  if (url !== undefined && !URL.canParse(url)) throw new UsageError(`--url ${url}: expected a URL.`);
  const routed = url ?? listed?.url;
  if (routed === undefined)
    throw new UsageError(`The configuration lists no subgraph ${name}: expected --url and --schema.`);
  if (schema === undefined) {
    if (listed) return { ...listed, url: routed };
    throw new UsageError(`The configuration lists no subgraph ${name}: expected --schema <path>.`);
  }
  const path = resolve(schema);
  const sdl = await readFile(path, "utf8").catch((error: unknown) => {
    throw new UsageError(
      `--schema ${schema} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  return { name, url: routed, sdl, path: relative(root, path).split(sep).join("/") };
};

const hintOf = ({ isWhole }: Publication, report: Report | null): string =>
  !isWhole && report?.verdict === "broken" && report.base === null
    ? " The first version of an environment whose subgraphs need each other is published with --all."
    : "";
