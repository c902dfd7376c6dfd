import { Command, Option } from "commander";
import { EXIT_CODES } from "../check/report.ts";
import { FORMATS, type Format, renderReport } from "../formats/formats.ts";
import type { Run, Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";
import { openWorkspace } from "../workspace.ts";
import { type CheckOptions, runCheck } from "./run-check.ts";

export const checkCommand = (shell: Shell, ended: Run): Command =>
  new Command("check")
    .description(
      "Says what a change does to clients, security and cost. Exit code: 0 pass, 1 blocked, 2 cannot compose or load, 3 usage.",
    )
    .option("--base <base>", "what to compare with: git:<ref>, file:<supergraph.yaml> or registry:<environment>")
    .addOption(new Option("--format <format>", "how to say it").choices(Object.keys(FORMATS)).default("human"))
    .option("--no-cache", "compose anew what was composed before")
    .action(async (options: CheckOptions & { readonly format: Format }, command: Command) => {
      const workspace = await openWorkspace(command.optsWithGlobals<{ config: string }>().config);
      const report = await runCheck(workspace, options, noRegistry, shell);
      shell.out(renderReport(report, options.format, { shell, owners: workspace.config.owners }));
      ended(EXIT_CODES[report.verdict]);
    });

export const noRegistry = async (environment: string): Promise<never> => {
  throw new UsageError(`--base registry:${environment}: no registry is configured.`);
};
