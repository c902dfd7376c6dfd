import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { Arguments } from "./read.ts";

export type ParsedArguments =
  | { readonly kind: "serve"; readonly given: Arguments }
  | { readonly kind: "check"; readonly given: Arguments }
  /** It was said already what there was to say. */
  | { readonly kind: "done"; readonly exitCode: number };

/** Reads the router's command line. Help and complaints are written to stdout and stderr. */
export const parseArguments = (argv: readonly string[]): ParsedArguments => {
  const command = new Command("router")
    .description("Serves a federation 2 supergraph as one GraphQL endpoint.")
    .option("-s, --supergraph <path|url>", "the supergraph: a file, or where it is asked for")
    .option("-c, --config <file>", "configuration: YAML, or a module with a default export (or ROUTER_CONFIG)")
    .option("-p, --port <n>", "port of the endpoint", readPort)
    .option("-w, --workers <n|auto>", "processes that serve; auto for one a core", readWorkers)
    .option("--check-config", "says whether configuration and supergraph are in order, and serves nothing")
    .addHelpText("after", HELP)
    .exitOverride();
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return { kind: "done", exitCode: error.exitCode === 0 ? 0 : USAGE };
    throw error;
  }
  const { checkConfig, ...given } = command.opts<Arguments & { checkConfig?: true }>();
  return { kind: checkConfig ? "check" : "serve", given };
};

/** Of a program that was called wrongly. */
const USAGE = 2;

const HELP = `
The command line goes before environment variables, those before the file. All settings: docs/router-configuration.md.

Signals: SIGHUP has the supergraph looked at again, SIGTERM and SIGINT stop the router when what is in flight has been
answered, SIGUSR2 (with several workers) starts the workers anew, one after the other.

Examples:
  router --supergraph supergraph.graphql
  router --config router.yaml --port 4000 --workers auto
  router --config router.yaml --check-config`;

const readPort = (text: string): number => {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("Expected a port from 0 to 65535.");
  return Number(text);
};

const readWorkers = (text: string): number | "auto" => {
  if (text === "auto") return text;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("Expected a number of processes, or auto.");
  return Number(text);
};
