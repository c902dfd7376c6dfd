import { Command, CommanderError } from "commander";
import { EXIT_CODES } from "./check/report.ts";
import { approveCommand } from "./commands/approve.ts";
import { checkCommand } from "./commands/check.ts";
import { composeCommand } from "./commands/compose.ts";
import { diffCommand } from "./commands/diff.ts";
import { explainCommand } from "./commands/explain.ts";
import { historyCommand } from "./commands/history.ts";
import { publishCommand } from "./commands/publish.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { UsageError } from "./usage-error.ts";

/** What commands are given instead of the process's own, so that they can be run within another. */
export interface Shell {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input, as text. */
  readonly stdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  /** In characters. */
  readonly width: number;
  readonly now: () => Date;
}

/** Tells how it ended, as an exit code. */
export type Run = (code: number) => void;

/** Runs one command line, without the program's name. Answers the exit code. */
export const runProgram = async (args: readonly string[], shell: Shell): Promise<number> => {
  let code: number = EXIT_CODES.pass;
  const ended: Run = (its) => {
    code = its;
  };
  const program = new Command("schema")
    .description("Says what a change of a federated schema does, before it is merged; composes, explains, publishes.")
    .option("--config <path>", "subgraphs, in the format of rover's supergraph.yaml", "schema/supergraph.yaml")
    .exitOverride()
    .configureOutput({ writeOut: shell.out, writeErr: shell.err })
    .addCommand(checkCommand(shell, ended))
    .addCommand(composeCommand(shell, ended))
    .addCommand(diffCommand(shell, ended))
    .addCommand(explainCommand(shell, ended))
    .addCommand(approveCommand(shell, ended))
    .addCommand(publishCommand(shell, ended))
    .addCommand(rollbackCommand(shell, ended))
    .addCommand(historyCommand(shell, ended));
  for (const command of program.commands)
    command.exitOverride().configureOutput({ writeOut: shell.out, writeErr: shell.err });
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.pass : EXIT_CODES.usage;
    if (!(error instanceof UsageError)) throw error;
    shell.err(`${error.message}\n`);
    return EXIT_CODES.usage;
  }
  return code;
};
