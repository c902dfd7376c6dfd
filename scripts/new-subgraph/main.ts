import { fileURLToPath } from "node:url";
import { runProgram } from "./program.ts";

const stop = new AbortController();
// What was begun is taken back; who does not want to wait for that says so a second time.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
// Nobody reads what is told: no reason to leave half a subgraph behind.
process.stdout.on("error", () => undefined);

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  root: fileURLToPath(new URL("../../", import.meta.url)),
  stop: stop.signal,
});
