import { Command, CommanderError } from "commander";
import { NewSubgraphError } from "./error.ts";
import { generateSubgraph } from "./generate.ts";
import { COMPLETE, INSTALL } from "./steps.ts";

/** What the program is given instead of the process's own, so that it can be run within another. */
export interface Shell {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The repository's root. */
  readonly root: string;
  /** Ends what runs, and has all of it taken back. */
  readonly stop?: AbortSignal;
}

/** 0: it is there. 1: the repository is not as expected, or a step failed; 2: the command, or a name in it, is wrong. Then all is as it was. */
export const EXIT_CODES = { made: 0, failed: 1, usage: 2 } as const;

interface Options {
  readonly extends: string;
  readonly entity?: string;
  readonly prefix?: string;
  readonly install: boolean;
}

/** Runs one command line, without the program's name. Answers the exit code. */
export const runProgram = async (args: readonly string[], { out, err, root, stop }: Shell): Promise<number> => {
  const program = new Command("new-subgraph")
    .usage("[options] <name>   (npm run new-subgraph -- reviews)")
    .description(
      "Makes a new subgraph with an entity of its own, a database, tests and a list of its entities on an entity of another subgraph, and enters it wherever subgraphs are known.",
    )
    .argument("<name>", "lower case letters and digits, a plural: reviews")
    .option("--extends <Type>", "entity of another subgraph that gets the list", "Product")
    .option("--entity <Type>", "what the subgraph owns, where that is not the singular of its name")
    .option("--prefix <letters>", "of its ids, where that is not how the entity begins: rev for rev_01k…")
    .option("--no-install", "leaves package-lock.json and node_modules as they are")
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err });
  try {
    program.parse([...args], { from: "user" });
    const options = program.opts<Options>();
    const [name = ""] = program.args;
    const wanted = { name, owner: options.extends, entity: options.entity, prefix: options.prefix };
    const steps = options.install ? [INSTALL, ...COMPLETE] : COMPLETE;
    const made = await generateSubgraph({ root, wanted, steps, tell: (line) => out(`  ${line}\n`), stop });
    out(summary(made));
    return EXIT_CODES.made;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.made : EXIT_CODES.usage;
    if (!(error instanceof NewSubgraphError)) throw error;
    err(`${error.code}: ${error.message}\n`);
    return error.code === "STEP_FAILED" || error.code === "UNEXPECTED_FILE" ? EXIT_CODES.failed : EXIT_CODES.usage;
  }
};

const summary = ({ name, query }: { readonly name: string; readonly query: string }): string => `
The subgraph ${name} is in subgraphs/${name}. What to do now:

  npx vitest run subgraphs/${name}     its tests
  npm run typecheck && npm run lint
  npm run schema:check
  npm start                            and ask  ${query}

docs/operations.md tells what else there is to do before it is deployed.
`;
