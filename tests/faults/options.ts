import { Command, InvalidArgumentError, Option } from "commander";

export interface Options {
  readonly seed: number;
  /** Orders a second. */
  readonly rate: number;
  /** How long the long run lasts; null for the short one. */
  readonly minutes: number | null;
  /** Names of rows to run, as given; null for all. */
  readonly rows: readonly string[] | null;
  readonly list: boolean;
  readonly keep: boolean;
  /** Where to write the report as JSON; null for nowhere. */
  readonly json: string | null;
}

export type ParsedOptions =
  | { readonly kind: "options"; readonly options: Options }
  /** Nothing to run: what to print, and whether it was asked for. */
  | { readonly kind: "message"; readonly text: string; readonly isError: boolean };

const SHORT_RATE = 10;
const LONG_RATE = 100;
const LARGEST_SEED = 0xffff_ffff;

/** @param args Of the command line, without node and script. @param newSeed Is used where none is given. */
export const parseOptions = (args: readonly string[], newSeed: number): ParsedOptions => {
  const output: string[] = [];
  const command = new Command("npm run faults --")
    .description("Hurts the whole shop in every known way, and checks from outside what it owes to its customers.")
    .option("--seed <number>", "of everything that is drawn by chance", number("seed", 0, LARGEST_SEED, true))
    .option(
      "--rate <number>",
      `orders a second (${SHORT_RATE}; ${LONG_RATE} with --minutes)`,
      number("rate", 0.1, 5_000),
    )
    .option(
      "--minutes <number>",
      "run so long, with traffic all the time and faults by chance",
      number("minutes", 0.1, 1_440),
    )
    .option("--rows <names>", "only the rows that have one of these in their names, comma-separated")
    .option("--list", "tell the rows, and run none")
    .option("--keep", "keep the directory with logs and data")
    .addOption(new Option("--json <file>", "write the report there too"))
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.push(text), writeErr: (text) => output.push(text) });
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    const isHelp = error instanceof Error && "code" in error && error.code === "commander.helpDisplayed";
    return { kind: "message", text: output.join("").trim(), isError: !isHelp };
  }
  const [extra] = command.args;
  if (extra !== undefined)
    return { kind: "message", text: `error: unexpected argument "${extra}"; --help tells the options`, isError: true };
  const given = command.opts<{
    seed?: number;
    rate?: number;
    minutes?: number;
    rows?: string;
    list?: boolean;
    keep?: boolean;
    json?: string;
  }>();
  return {
    kind: "options",
    options: {
      seed: given.seed ?? newSeed,
      rate: given.rate ?? (given.minutes === undefined ? SHORT_RATE : LONG_RATE),
      minutes: given.minutes ?? null,
      rows: given.rows === undefined ? null : namesIn(given.rows),
      list: given.list ?? false,
      keep: given.keep ?? false,
      json: given.json ?? null,
    },
  };
};

const namesIn = (text: string): string[] =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

const number =
  (name: string, least: number, most: number, isWhole = false) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(
        `expected a ${isWhole ? "whole " : ""}number from ${least} to ${most} for the ${name}.`,
      );
    return value;
  };

export type ChosenRows<Row> =
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "unknown"; readonly name: string };

/** Those that have one of `names` in their own, in their order; all of them for null. */
export const chooseRows = <Row extends { readonly name: string }>(
  all: readonly Row[],
  names: readonly string[] | null,
): ChosenRows<Row> => {
  if (names === null) return { kind: "rows", rows: all };
  const matches = (row: Row, name: string) => row.name.toLowerCase().includes(name.toLowerCase());
  const unknown = names.find((name) => !all.some((row) => matches(row, name)));
  if (unknown !== undefined) return { kind: "unknown", name: unknown };
  return { kind: "rows", rows: all.filter((row) => names.some((name) => matches(row, name))) };
};
