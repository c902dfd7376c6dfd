import { runSmoke } from "./program.ts";

process.exitCode = await runSmoke(process.argv.slice(2), {
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
});
