import { Command, CommanderError, Option } from "commander";
import { discard, EXIT, list, replay, show, type Terminal } from "./commands.ts";
import type { LetterStore } from "./letters.ts";
import { type Environment, openLetters, type Place } from "./place.ts";
import { type Filter, parseDuration, selectionOf, UsageError } from "./selection.ts";

interface FilterOptions {
  readonly service?: string;
  readonly subject?: string;
  readonly olderThan?: string;
}

interface ChangeFlags extends FilterOptions {
  readonly all?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly yes?: true;
}

/**
 * Runs one command line and resolves to the exit code: 0 done, 1 something failed, 2 the command line makes no sense,
 * 3 there is no such dead letter.
 */
export const runEventsCli = async (
  args: readonly string[],
  environment: Environment,
  terminal: Terminal,
): Promise<number> => {
  let exit: number = EXIT.done;
  const program = new Command("events")
    .description("Looks after the messages between the services.")
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  const dlq = program
    .command("dlq")
    .description(
      "Dead letters: messages that a service gave up on after its last try. They wait until somebody replays or discards them.",
    );

  const withStore = async (command: Command, work: (store: LetterStore) => Promise<number>): Promise<void> => {
    const store = await openLetters(command.optsWithGlobals<Place>(), environment);
    try {
      exit = await work(store);
    } finally {
      await store.close();
    }
  };

  onPlace(filtered(dlq.command("list")))
    .description("one line a dead letter, by consumer")
    .option("--json", "for programs")
    .action((flags: ChangeFlags, command: Command) => {
      const filter = filterOf(flags);
      return withStore(command, (store) => list(store, filter, { json: flags.json ?? false }, terminal));
    });

  onPlace(dlq.command("show <id>"))
    .description("all that is known of one: its errors, its history, the message")
    .option("--json", "for programs")
    .action((id: string, flags: ChangeFlags, command: Command) =>
      withStore(command, (store) => show(store, id, { json: flags.json ?? false }, terminal)),
    );

  onPlace(filtered(changing(dlq.command("replay [ids...]"))))
    .description("hands messages to the consumers that gave them up, once more; others do not see them")
    .action((ids: string[], flags: ChangeFlags, command: Command) => {
      const selection = selectionOf(ids, { all: flags.all, ...filterOf(flags) });
      return withStore(command, (store) => replay(store, selection, changeOf(flags), terminal));
    });

  onPlace(filtered(changing(dlq.command("discard [ids...]"))))
    .description("removes dead letters for ever: what the messages asked for never happens")
    .option("--yes", "do not ask")
    .action((ids: string[], flags: ChangeFlags, command: Command) => {
      const selection = selectionOf(ids, { all: flags.all, ...filterOf(flags) });
      const options = { ...changeOf(flags), yes: flags.yes ?? false };
      return withStore(command, (store) => discard(store, selection, options, terminal));
    });

  try {
    await program.parseAsync([...args], { from: "user" });
    return exit;
  } catch (error) {
    // Commander has said what it is about.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    terminal.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
};

const onPlace = (command: Command): Command =>
  command
    .addOption(new Option("--nats <url>", "the broker; NATS_URL unless given").conflicts("directory"))
    .addOption(
      new Option("--directory <path>", "the data folder of `npm start`; DATA_DIR or .data where there is no broker"),
    );

const filtered = (command: Command): Command =>
  command
    .option("--service <name>", "only what this service gave up on")
    .option("--subject <subject>", "only messages of this subject, such as products.stock.reserved.v1")
    .option("--older-than <duration>", "only what was buried longer ago than 90s, 15m, 2h, 7d");

const changing = (command: Command): Command =>
  command
    .option("--all", "all, or all that the filters let through")
    .option("--dry-run", "say what would be done, and change nothing")
    .option("--json", "for programs");

const filterOf = ({ service, subject, olderThan }: FilterOptions): Filter => ({
  service,
  subject,
  olderThanMs: olderThan === undefined ? undefined : parseDuration(olderThan),
});

const changeOf = ({ dryRun, json }: ChangeFlags) => ({ dryRun: dryRun ?? false, json: json ?? false });
