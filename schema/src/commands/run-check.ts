import { join, posix } from "node:path";
import { readApprovals } from "../approvals/approvals.ts";
import { check } from "../check/check.ts";
import type { Report } from "../check/report.ts";
import { diskCache } from "../composition/disk-cache.ts";
import type { Shell } from "../program.ts";
import { type ReadLive, readBase, readCommitted, readHead, readText, type Workspace } from "../workspace.ts";

export interface CheckOptions {
  /** As `--base` has it; nothing is compared without. */
  readonly base?: string;
  /** Whether what was composed before may be taken from the disk. */
  readonly cache: boolean;
  /** Where that is; in the working copy's node_modules unless given. */
  readonly cacheFolder?: string;
}

/** Checks the working tree. */
export const runCheck = async (
  workspace: Workspace,
  { base, cache, cacheFolder }: CheckOptions,
  readLive: ReadLive,
  { now }: Pick<Shell, "now">,
): Promise<Report> => {
  const path = approvalsPathOf(workspace);
  const [head, before, committed, approvals] = await Promise.all([
    readHead(workspace),
    base === undefined ? null : readBase(workspace, base, readLive),
    readCommitted(workspace),
    readText(workspace, path).then((text) => readApprovals(text, path)),
  ]);
  return check({
    head,
    base: before,
    config: workspace.config,
    approvals,
    committed,
    cache: cache ? diskCache(cacheFolder ?? cacheFolderOf(workspace)) : null,
    now: now(),
  });
};

export const approvalsPathOf = ({ folder, config }: Workspace): string => posix.join(folder, config.approvals);

/** Where tools keep what may be lost: no working copy commits it. */
export const cacheFolderOf = ({ root }: Workspace): string => join(root, "node_modules", ".cache", "supergraph-schema");
