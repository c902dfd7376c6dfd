import { Command, Option } from "commander";
import { EXIT_CODES } from "../check/report.ts";
import { FORMATS, type Format, renderReport } from "../formats/formats.ts";
import { addReportFile, type ReportFile, writeReports } from "../formats/write-reports.ts";
import type { Run, Shell } from "../program.ts";
import { liveReader } from "../registry/live-revision.ts";
import { openWorkspace } from "../workspace.ts";
import { type CheckOptions, runCheck } from "./run-check.ts";

interface Options extends CheckOptions {
  readonly format: Format;
  readonly write?: readonly ReportFile[];
}

export const checkCommand = (shell: Shell, ended: Run): Command =>
  new Command("check")
    .description(
      "Says what a change does to clients, security and cost. Exit code: 0 pass, 1 blocked, 2 cannot compose or load, 3 usage.",
    )
    .option("--base <base>", "what to compare with: git:<ref>, file:<supergraph.yaml> or registry:<environment>")
    .addOption(new Option("--format <format>", "how to say it").choices(Object.keys(FORMATS)).default("human"))
    .option("--write <format=path>", "also write it to a file, in another format; as often as wanted", addReportFile)
    .option("--no-cache", "compose anew what was composed before")
    .option("--cache-folder <path>", "where compositions are kept, instead of node_modules/.cache/supergraph-schema")
    .action(async (options: Options, command: Command) => {
      const workspace = await openWorkspace(command.optsWithGlobals<{ config: string }>().config);
      const report = await runCheck(workspace, options, liveReader(workspace, shell), shell);
      const { config, configPath } = workspace;
      const formatOptions = { shell, owners: config.owners, configPath };
      await writeReports(report, options.write ?? [], formatOptions);
      shell.out(renderReport(report, options.format, formatOptions));
      ended(EXIT_CODES[report.verdict]);
    });
