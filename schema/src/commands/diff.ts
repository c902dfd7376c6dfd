import { resolve } from "node:path";
import { Command, Option } from "commander";
import { changelogOf } from "../changelog/changelog.ts";
import { humanChangelog } from "../changelog/human.ts";
import { jsonChangelog } from "../changelog/json.ts";
import { markdownChangelog } from "../changelog/markdown.ts";
import { changesOf } from "../changes/changes.ts";
import type { Comparison } from "../check/comparison.ts";
import { EXIT_CODES } from "../check/report.ts";
import { type OpenOptions, openState, type ServableState } from "../check/state.ts";
import { diskCache } from "../composition/disk-cache.ts";
import type { Side } from "../findings/finding.ts";
import { renderFindings } from "../formats/human.ts";
import { comparisonPage } from "../page/comparison-page.ts";
import type { Run, Shell } from "../program.ts";
import { liveReader } from "../registry/live-revision.ts";
import type { Revision } from "../revisions/revision.ts";
import { UsageError } from "../usage-error.ts";
import { openWorkspace, readBase, readHead } from "../workspace.ts";
import { writeWhole } from "../write-whole.ts";
import { cacheFolderOf } from "./run-check.ts";

interface Options {
  readonly html?: string;
  readonly operation?: string;
  readonly cache: boolean;
  readonly format: "human" | "markdown" | "json";
}

export const diffCommand = (shell: Shell, ended: Run): Command =>
  new Command("diff")
    .description(
      "Prints what changed between two states of the graph, by subgraph, and draws it. Exit code: 0 told, 2 one of them cannot be composed or loaded, 3 usage.",
    )
    .argument("<base>", "git:<ref>, file:<supergraph.yaml> or registry:<environment>")
    .argument("[head]", "as base; the working tree where it is not given")
    .option("--html <path>", "also writes a page with the supergraph drawn; it is one file, and asks for no other")
    .option("--operation <id>", "the operation whose way through the subgraphs the page shows at first")
    .option("--no-cache", "compose anew what was composed before")
    .addOption(new Option("--format <format>", "how to say it").choices(["human", "markdown", "json"]).default("human"))
    .action(async (baseName: string, headName: string | undefined, options: Options, command: Command) => {
      if (options.operation !== undefined && options.html === undefined)
        throw new UsageError("--operation says what the page shows: expected --html <path> with it.");
      const workspace = await openWorkspace(command.optsWithGlobals<{ config: string }>().config);
      const readLive = liveReader(workspace, shell);
      const [baseRevision, headRevision] = await Promise.all([
        readBase(workspace, baseName, readLive),
        headName === undefined ? readHead(workspace) : readBase(workspace, headName, readLive),
      ]);
      const cache = options.cache ? diskCache(cacheFolderOf(workspace)) : null;
      // Both are waited for: whoever breaks both is told of both.
      const aside = new AbortController().signal;
      const [base, head] = await Promise.all([
        open(baseRevision, "base", { cache, aside }, shell),
        open(headRevision, "head", { cache }, shell),
      ]);
      if (!base || !head) return ended(EXIT_CODES.broken);
      const comparison: Comparison = { base, head, config: workspace.config };
      const changes = await changesOf(comparison);
      const changelog = changelogOf(baseRevision, headRevision, changes);
      if (options.html !== undefined) {
        const text = comparisonPage(comparison, changelog, changes, options.operation);
        await writeWhole([{ path: resolve(options.html), text }]);
        shell.err(`${options.html} written\n`);
      }
      shell.out(
        {
          human: () => humanChangelog(changelog, shell),
          markdown: () => markdownChangelog(changelog),
          json: () => jsonChangelog(changelog),
        }[options.format](),
      );
    });

/** Null, with the reasons printed, where it cannot be had. */
const open = async (
  revision: Revision,
  side: Side,
  options: OpenOptions,
  shell: Shell,
): Promise<ServableState | null> => {
  const opened = await openState(revision, side, options);
  if (opened.kind === "servable") return opened.state;
  shell.err(`${revision.name} cannot be composed and loaded:\n${renderFindings(opened.findings, shell)}`);
  return null;
};
