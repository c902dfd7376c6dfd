import { createInterface } from "node:readline/promises";
import { runEventsCli } from "./program.ts";

/** Questions need a person on both ends; they go to stderr, which stays readable when stdout is piped on. */
const ask = async (question: string): Promise<string> => {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(question);
  } finally {
    prompt.close();
  }
};

process.exitCode = await runEventsCli(process.argv.slice(2), process.env, {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  ask: process.stdin.isTTY ? ask : null,
  now: () => new Date(),
});
