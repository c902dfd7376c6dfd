import { posix } from "node:path";
import { Command, Option } from "commander";
import { readApprovals } from "../approvals/approvals.ts";
import { check } from "../check/check.ts";
import { EXIT_CODES } from "../check/report.ts";
import { FORMATS, type Format, renderReport } from "../formats/formats.ts";
import type { Run, Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";
import { openWorkspace, readBase, readCommitted, readHead, readText } from "../workspace.ts";

export const checkCommand = (shell: Shell, ended: Run): Command =>
  new Command("check")
    .description(
      "Says what a change does to clients, security and cost. Exit code: 0 pass, 1 blocked, 2 cannot compose or load, 3 usage.",
    )
    .option("--base <base>", "what to compare with: git:<ref>, file:<supergraph.yaml> or registry:<environment>")
    .addOption(new Option("--format <format>", "how to say it").choices(Object.keys(FORMATS)).default("human"))
    .action(async (options: { base?: string; format: Format }, command: Command) => {
      const workspace = await openWorkspace(command.optsWithGlobals<{ config: string }>().config);
      const approvalsPath = posix.join(workspace.folder, workspace.config.approvals);
      const [head, base, committed, approvals] = await Promise.all([
        readHead(workspace),
        options.base === undefined ? null : readBase(workspace, options.base, noRegistry),
        readCommitted(workspace),
        readText(workspace, approvalsPath).then((text) => readApprovals(text, approvalsPath)),
      ]);
      const { config } = workspace;
      const report = await check({ head, base, config, approvals, committed, cache: null, now: shell.now() });
      shell.out(renderReport(report, options.format, { shell, owners: config.owners }));
      ended(EXIT_CODES[report.verdict]);
    });

const noRegistry = async (environment: string): Promise<never> => {
  throw new UsageError(`--base registry:${environment}: no registry is configured.`);
};
