import { randomInt } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";
import { type Difference, runDifferential } from "./run.ts";

const wholeNumber = (text: string): number => {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("Expected a whole number of up to six digits.");
  return Number(text);
};

const SHOWN = 5;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const describe = ({ graphSeed, caseSeed, what, operation, subgraphs, answers }: Difference): string =>
  [
    `DIFFERENT in ${what}: graph ${graphSeed}, case ${caseSeed}`,
    operation.text,
    JSON.stringify(operation.variables),
    JSON.stringify(answers, null, 1),
    ...Object.entries(subgraphs).map(([name, sdl]) => `# ${name}\n${sdl}`),
  ].join("\n");

const program = new Command("npm run differential --")
  .description(
    "Runs generated operations on generated supergraphs by the router's executor and by Apollo's, and compares.",
  )
  .option("--seed <number>", "of everything that is generated", wholeNumber, randomInt(1_000))
  .option("--operations <number>", "to compare", wholeNumber, 10_000)
  .parse();

const { seed, operations } = program.opts<{ seed: number; operations: number }>();
print(`the same again: npm run differential -- --seed ${seed} --operations ${operations}`);
let shown = 0;
const { differences, ...counts } = await runDifferential({
  seed,
  operations,
  onDifference(difference) {
    shown += 1;
    if (shown <= SHOWN) print(describe(difference));
  },
});
for (const [name, count] of Object.entries(counts)) print(`${name}: ${count}`);
print(`${counts.compared - differences.length} equal, ${differences.length} different`);
process.exitCode = differences.length > 0 ? 1 : 0;
