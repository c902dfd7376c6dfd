import { Command, CommanderError } from "commander";
import { EXIT_CODES } from "./check/report.ts";
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

type MakeCommand = (shell: Shell, ended: Run) => Command;

/** In the order in which help shows them. What one needs is loaded for it alone: a check is to take a second, not a database's client. */
const COMMANDS: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  check: async () => (await import("./commands/check.ts")).checkCommand,
  compose: async () => (await import("./commands/compose.ts")).composeCommand,
  diff: async () => (await import("./commands/diff.ts")).diffCommand,
  explain: async () => (await import("./commands/explain.ts")).explainCommand,
  approve: async () => (await import("./commands/approve.ts")).approveCommand,
  publish: async () => (await import("./commands/publish.ts")).publishCommand,
  rollback: async () => (await import("./commands/rollback.ts")).rollbackCommand,
  history: async () => (await import("./commands/history.ts")).historyCommand,
};

/** All of them where none is named: for help, and for what to say of a name that there is not. */
const loadCommands = (args: readonly string[]): Promise<MakeCommand[]> => {
  const named = Object.entries(COMMANDS).filter(([name]) => args.includes(name));
  return Promise.all((named.length > 0 ? named : Object.entries(COMMANDS)).map(([, load]) => load()));
};

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
    .configureOutput({ writeOut: shell.out, writeErr: shell.err });
  for (const make of await loadCommands(args)) program.addCommand(make(shell, ended));
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
