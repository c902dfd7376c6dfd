import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { composeSubgraphs, type Problem } from "./compose.ts";
import { describeDifference } from "./difference.ts";
import { readSubgraphs, SupergraphConfigError } from "./supergraph-config.ts";

/** Codes of hints that were looked at and are meant. Any other hint fails: it tells of something that the API loses. */
const ACCEPTED_HINTS: ReadonlySet<string> = new Set([]);

const folder = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(folder, "..");

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const describe = (kind: string, { code, message, locations }: Problem): string =>
  [`${kind} ${code}: ${message}`, ...locations.map((location) => `    at ${location}`)].join("\n");

/**
 * Composes what `schema/supergraph.yaml` lists and writes `supergraph.graphql` and `api.graphql`; with `--check`
 * writes nothing and fails when they are not what composition gives.
 */
const main = async (mode: "write" | "check"): Promise<0 | 1> => {
  const composition = composeSubgraphs(await readSubgraphs(join(folder, "supergraph.yaml"), root));
  if (composition.kind === "failed") {
    for (const error of composition.errors) say(describe("error", error));
    say(`The subgraphs do not compose: ${composition.errors.length} error(s).`);
    return 1;
  }
  for (const hint of composition.hints) say(describe("hint", hint));
  const refused = composition.hints.filter(({ code }) => !ACCEPTED_HINTS.has(code));
  const written = { "supergraph.graphql": composition.supergraphSdl, "api.graphql": composition.apiSdl };
  const stale = mode === "check" ? await staleFiles(written) : await write(written);
  if (refused.length > 0)
    say(`${refused.length} hint(s) are not accepted: mend them, or accept their code in schema/src/main.ts.`);
  if (stale > 0) say("Run `npm run schema:compose` and commit what it writes.");
  return refused.length > 0 || stale > 0 ? 1 : 0;
};

const write = async (files: Readonly<Record<string, string>>): Promise<0> => {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    const changed = (await committed(path)) !== text;
    if (changed) await writeFile(path, text);
    say(`${relative(root, path)} ${changed ? "written" : "is up to date"}`);
  }
  return 0;
};

const staleFiles = async (files: Readonly<Record<string, string>>): Promise<number> => {
  let stale = 0;
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    const before = await committed(path);
    if (before === text) continue;
    stale += 1;
    say(`${relative(root, path)} is stale:\n${describeDifference(before ?? "", text)}`);
  }
  return stale;
};

/** Null when there is no such file yet. */
const committed = (path: string): Promise<string | null> => readFile(path, "utf8").catch(() => null);

try {
  process.exitCode = await main(process.argv.includes("--check") ? "check" : "write");
} catch (error) {
  if (!(error instanceof SupergraphConfigError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
