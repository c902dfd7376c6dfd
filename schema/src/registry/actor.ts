import { userInfo } from "node:os";
import type { Shell } from "../program.ts";
import { gitUserOf } from "../revisions/git-tree.ts";
import type { Workspace } from "../workspace.ts";

/** Who is recorded: who is named, whom the workflow runs for, whom git commits as, or whose account it is. */
export const actorOf = async (
  named: string | undefined,
  { root }: Pick<Workspace, "root">,
  { env }: Pick<Shell, "env">,
): Promise<string> => named ?? env.GITHUB_ACTOR ?? (await gitUserOf(root)) ?? userInfo().username;
