import { spawn } from "node:child_process";
import { join } from "node:path";
import { NewSubgraphError } from "./error.ts";

/** What completes the generated files: programs that this repository runs anyway. */
export interface Step {
  /** For a person, while it runs. */
  readonly title: string;
  readonly run: (made: Made) => Promise<void>;
}

export interface Made {
  readonly root: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly stop: AbortSignal | undefined;
}

const node = (program: string, ...args: string[]) => [process.execPath, program, ...args];

const step = (title: string, commandOf: (made: Made) => readonly string[], cwdOf = ({ root }: Made) => root): Step => ({
  title,
  run: (made) => execute(title, commandOf(made), cwdOf(made), made.stop),
});

/** Links the workspace, and enters it into package-lock.json. */
export const INSTALL = step("npm install", () => [
  "npm",
  "install",
  "--no-audit",
  "--no-fund",
  "--ignore-scripts",
  "--prefer-offline",
]);

/** In this order. Names decide where a formatter breaks lines, and in which order imports are. */
export const COMPLETE: readonly Step[] = [
  step(
    "the first migration, from src/db/schema.ts",
    ({ root }) => node(join(root, "node_modules/drizzle-kit/bin.cjs"), "generate", "--name", "tables"),
    ({ root, folder }) => join(root, folder),
  ),
  step("the supergraph, composed", () => node("scripts/run-source.mjs", "schema/src/main.ts", "compose")),
  step("types of resolvers and operations", () =>
    node("node_modules/@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.ts"),
  ),
  step("the catalogue of metrics, and dashboards", () =>
    node("node_modules/tsx/dist/cli.mjs", "-C", "supergraph-source", "scripts/metrics-docs/main.ts"),
  ),
  step("formatting", ({ files }) => node("node_modules/@biomejs/biome/bin/biome", "check", "--write", ...files)),
];

const execute = (
  title: string,
  [command = "", ...args]: readonly string[],
  cwd: string,
  stop: AbortSignal | undefined,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_OPTIONS: "--conditions=supergraph-source" };
    const child = spawn(command, args, { cwd, env, signal: stop, stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
    const fail = (what: string) =>
      reject(
        new NewSubgraphError("STEP_FAILED", `${title}: ${what}\n\n${Buffer.concat(output).toString("utf8").trim()}`),
      );
    // It closes in any case, and writes no more then: what is taken back must not be written again.
    let fault: Error | undefined;
    child.once("error", (error) => {
      fault = error;
    });
    child.once("close", (code, signal) => {
      if (fault) fail(fault.name === "AbortError" ? "was interrupted." : fault.message);
      else if (code === 0) resolve();
      else fail(`${[command, ...args].join(" ")} ended with ${signal ?? `exit code ${code}`}.`);
    });
  });
