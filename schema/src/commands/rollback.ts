import { Command, InvalidArgumentError } from "commander";
import type { Run, Shell } from "../program.ts";
import { actorOf } from "../registry/actor.ts";
import { withRegistry } from "../registry/open.ts";
import { byOption, environmentOption, waitOption, whyOption } from "../registry/options.ts";
import { tellOutcome } from "../registry/outcome.ts";

interface Options {
  readonly environment: string;
  readonly to?: number;
  readonly by?: string;
  readonly why?: string;
  readonly waitForRouters: number;
}

export const rollbackCommand = (shell: Shell, ended: Run): Command =>
  new Command("rollback")
    .description(
      "Makes live again what was live before. It is not checked: it has served. Exit code: 0 live, 1 there is nothing to go back to, or a router refused it, 3 usage.",
    )
    .addOption(environmentOption())
    .option("--to <version>", "the version to go back to, by its number; the one before unless given", versionNumber)
    .addOption(byOption())
    .addOption(whyOption())
    .addOption(waitOption())
    .action(async ({ environment, to, why, by: named, waitForRouters: waitMs }: Options) => {
      const by = await actorOf(named, { root: "." }, shell);
      const outcome = await withRegistry(shell, (registry) =>
        registry.rollback({ environment, by, why: why ?? null, waitMs }, to ?? null),
      );
      const { text, code } = tellOutcome(outcome, environment);
      shell.out(text);
      ended(code);
    });

const versionNumber = (text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected the number of a version, such as 7.");
};
