import { userInfo } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { idleApprovals, type JudgedFinding, readApprovals } from "../approvals/approvals.ts";
import { withApprovals, withoutApprovals } from "../approvals/approvals-file.ts";
import type { Report } from "../check/report.ts";
import { CATALOGUE } from "../findings/catalogue.ts";
import { UNAPPROVABLE } from "../findings/stages.ts";
import type { Run, Shell } from "../program.ts";
import { liveReader } from "../registry/live-revision.ts";
import { gitUserOf } from "../revisions/git-tree.ts";
import { UsageError } from "../usage-error.ts";
import { absolutePathOf, openWorkspace, readText } from "../workspace.ts";
import { writeWhole } from "../write-whole.ts";
import { approvalsPathOf, type CheckOptions, runCheck } from "./run-check.ts";

interface Options extends CheckOptions {
  readonly reason?: string;
  readonly by?: string;
  /** A date, or a number of days. */
  readonly expires: string;
  readonly prune: boolean;
}

export const approveCommand = (shell: Shell, _ended: Run): Command =>
  new Command("approve")
    .description("Takes responsibility for findings, for a time: writes them into the approvals, with who and why.")
    .argument("[fingerprints...]", "of the findings, as a check shows them")
    .option(
      "--base <base>",
      "what the check compared with: git:<ref>, file:<supergraph.yaml> or registry:<environment>",
    )
    .option("--reason <text>", "why this is right")
    .option("--by <name>", "who approves; git's user unless given")
    .option("--expires <date or days>", "the last day on which it holds, or how many days from now", whenOf, "30")
    .option("--prune", "take out what has expired and, with --base, what approves nothing any more", false)
    .option("--no-cache", "compose anew what was composed before")
    .action(async (fingerprints: readonly string[], options: Options, command: Command) => {
      const workspace = await openWorkspace(command.optsWithGlobals<{ config: string }>().config);
      if (fingerprints.length === 0 && !options.prune)
        throw new UsageError("Nothing to approve: expected the fingerprints of findings, or --prune.");
      const path = approvalsPathOf(workspace);
      const before = await readText(workspace, path);
      const report = await runCheck(workspace, options, liveReader(workspace, shell), shell);
      let text = before;
      if (fingerprints.length > 0) {
        const approval = {
          reason: given(options.reason, "--reason <text>: why this is right"),
          approver: options.by ?? (await gitUserOf(workspace.root)) ?? userInfo().username,
          expires: dateOf(options.expires, shell.now()),
        };
        text = withApprovals(
          text,
          fingerprints.map((fingerprint) => approvable(report, fingerprint)),
          approval,
        );
        shell.out(`Approved until ${approval.expires} by ${approval.approver}: ${fingerprints.join(", ")}\n`);
      }
      if (options.prune && text !== null) {
        const idle = idleApprovals(readApprovals(text, path), report, shell.now()).map(
          ({ fingerprint }) => fingerprint,
        );
        if (idle.length > 0) text = withoutApprovals(text, new Set(idle));
        shell.out(`Taken out: ${idle.length === 0 ? "none" : idle.join(", ")}\n`);
      }
      if (text !== null && text !== before) {
        await writeWhole([{ path: absolutePathOf(workspace, workspace.config.approvals), text }]);
        shell.out(`${path} written\n`);
      }
    });

const given = (value: string | undefined, what: string): string => {
  if (value === undefined || value.trim() === "") throw new UsageError(`Expected ${what}.`);
  return value;
};

const approvable = ({ findings }: Report, fingerprint: string): JudgedFinding => {
  const found = findings.find((one) => one.fingerprint === fingerprint);
  if (!found)
    throw new UsageError(
      `There is no finding ${fingerprint}: run the check with the same --base, and take the fingerprint from there.`,
    );
  const { stage } = CATALOGUE[found.code];
  if (UNAPPROVABLE.has(stage) || stage === "approvals")
    throw new UsageError(`${found.code} (${fingerprint}) cannot be approved: ${CATALOGUE[found.code].meaning}`);
  return found;
};

const whenOf = (text: string): string => {
  if (/^\d{1,4}$/.test(text) || (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)))) return text;
  throw new InvalidArgumentError("expected a date, such as 2026-12-31, or a number of days.");
};

const DAY_MS = 86_400_000;

const dateOf = (text: string, now: Date): string =>
  text.includes("-") ? text : new Date(now.getTime() + Number(text) * DAY_MS).toISOString().slice(0, 10);
