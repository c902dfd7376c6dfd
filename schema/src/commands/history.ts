import { RegistryError } from "@supergraph/registry";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Run, Shell } from "../program.ts";
import { historyTable } from "../registry/history-table.ts";
import { withRegistry } from "../registry/open.ts";
import { environmentOption } from "../registry/options.ts";
import { tellHealed } from "../registry/outcome.ts";

interface Options {
  readonly environment: string;
  readonly limit: number;
  readonly format: "human" | "json";
}

export const historyCommand = (shell: Shell, _ended: Run): Command =>
  new Command("history")
    .description(
      "Shows what was live when, who did it, why, what the check and what routers had to say of it. What a publisher that was interrupted left undone is done.",
    )
    .addOption(environmentOption())
    .option("--limit <count>", "so many versions, the newest", countOf, 20)
    .addOption(new Option("--format <format>", "how to show it").choices(["human", "json"]).default("human"))
    .action(async ({ environment, limit, format }: Options) => {
      const history = await withRegistry(shell, async (registry) => {
        try {
          shell.err(tellHealed(await registry.heal(environment)));
        } catch (error) {
          // What was is worth reading even so.
          if (!(error instanceof RegistryError)) throw error;
          shell.err(`${error.message}\n`);
        }
        return registry.history(environment, limit);
      });
      shell.out(
        format === "human"
          ? historyTable(history, environment, shell)
          : `${JSON.stringify({ environment, live: history.entries[0]?.version.version ?? null, ...history }, null, 2)}\n`,
      );
    });

const countOf = (text: string): number => {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number of versions, such as 20.");
};
