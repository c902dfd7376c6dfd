import { fileURLToPath } from "node:url";
import { runProgram } from "./program.ts";

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  root: fileURLToPath(new URL("../../", import.meta.url)),
});
