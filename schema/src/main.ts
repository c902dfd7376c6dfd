#!/usr/bin/env node
import { text as readAll } from "node:stream/consumers";
import { runProgram } from "./program.ts";

// Not awaited at the top: it is run as a script as well, see scripts/run-source.
void runProgram(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: () => readAll(process.stdin),
  env: process.env,
  isTerminal: process.stdout.isTTY === true,
  width: process.stdout.columns ?? 100,
  now: () => new Date(),
}).then((code) => {
  process.exitCode = code;
});
