import { readFile, writeFile } from "node:fs/promises";
import { renderDocument } from "./document.ts";

/** Writes docs/events.md; with `--check` only tells whether it is what would be written. */
const path = new URL("../../docs/events.md", import.meta.url);
const text = renderDocument();

if (!process.argv.includes("--check")) await writeFile(path, text);
else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
  process.stderr.write(
    "docs/events.md is not what the contracts and the saga say: run 'npm run docs:events' and commit.\n",
  );
  process.exitCode = 1;
}
