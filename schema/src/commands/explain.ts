import { Command, Option } from "commander";
import { EXIT_CODES } from "../check/report.ts";
import { type CompositionCache, openState } from "../check/state.ts";
import { diskCache } from "../composition/disk-cache.ts";
import { explain } from "../explain/explanation.ts";
import { type Before, humanExplanation, humanMistakes } from "../explain/human.ts";
import { jsonExplanation } from "../explain/json.ts";
import { findSubject, type Subject } from "../explain/subject.ts";
import { renderFindings } from "../formats/human.ts";
import type { Run, Shell } from "../program.ts";
import { liveReader } from "../registry/live-revision.ts";
import { openWorkspace, readBase, readHead, type Workspace } from "../workspace.ts";
import { cacheFolderOf } from "./run-check.ts";

interface Options {
  readonly base?: string;
  readonly operationName?: string;
  readonly cache: boolean;
  readonly format: "human" | "json";
}

export const explainCommand = (shell: Shell, ended: Run): Command =>
  new Command("explain")
    .description(
      "Prints how the router answers an operation: a tree of calls, with what they cost. Exit code: 0 explained, 1 the operation is not valid, 2 the graph cannot be composed or loaded, 3 usage.",
    )
    .argument(
      "<operation>",
      "an id (storefront/ProductPage) or name, a .graphql file, a GraphQL text, or - for standard input",
    )
    .option("--operation-name <name>", "which one of a file or text with several")
    .option("--base <base>", "also tells what changes from git:<ref>, file:<supergraph.yaml> or registry:<environment>")
    .option("--no-cache", "compose anew what was composed before")
    .addOption(new Option("--format <format>", "how to say it").choices(["human", "json"]).default("human"))
    .action(async (what: string, options: Options, command: Command) => {
      const workspace = await openWorkspace(command.optsWithGlobals<{ config: string }>().config);
      const revision = await readHead(workspace);
      const found = await findSubject(what, {
        known: revision.operations,
        stdin: shell.stdin,
        operationName: options.operationName,
      });
      if (found.kind === "invalid") {
        shell.err(humanMistakes(found.mistakes, shell));
        return ended(EXIT_CODES.blocked);
      }
      const cache = options.cache ? diskCache(cacheFolderOf(workspace)) : null;
      const opened = await openState(revision, "head", { cache });
      if (opened.kind !== "servable") {
        shell.err(renderFindings(opened.findings, shell));
        return ended(EXIT_CODES.broken);
      }
      const { subject } = found;
      const explanation = explain(subject, opened.state, workspace.config);
      if (explanation.kind === "invalid") {
        shell.err(humanMistakes(explanation.mistakes, shell));
        return ended(EXIT_CODES.blocked);
      }
      if (explanation.kind === "refused") {
        shell.err(`The router's planner refuses this operation: ${explanation.reason}.\n`);
        return ended(EXIT_CODES.blocked);
      }
      const before =
        options.base === undefined ? null : await explainBefore(subject, workspace, options.base, cache, shell);
      if (before === "broken") return ended(EXIT_CODES.broken);
      shell.out(
        options.format === "json"
          ? jsonExplanation(subject, explanation, before)
          : humanExplanation(subject, explanation, before, shell),
      );
    });

/**
 * `broken`, with the reasons printed, where the base plans nothing.
 * @throws UsageError when it cannot be had.
 */
const explainBefore = async (
  subject: Subject,
  workspace: Workspace,
  base: string,
  cache: CompositionCache | null,
  shell: Shell,
): Promise<Before | "broken"> => {
  const revision = await readBase(workspace, base, liveReader(workspace, shell));
  const opened = await openState(revision, "base", { cache });
  if (opened.kind !== "servable") {
    shell.err(`${revision.name} cannot be composed and loaded:\n${renderFindings(opened.findings, shell)}`);
    return "broken";
  }
  return { name: revision.name, explanation: explain(subject, opened.state, workspace.config) };
};
