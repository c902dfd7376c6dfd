import { readFile, writeFile } from "node:fs/promises";
import { renderDocument } from "./document.ts";

/** Writes docs/router-configuration.md; with `--check` only tells whether it is what would be written. */
const path = new URL("../../docs/router-configuration.md", import.meta.url);
const text = renderDocument();

if (!process.argv.includes("--check")) await writeFile(path, text);
else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
  process.stderr.write(
    "docs/router-configuration.md is not what the router reads: run 'npm run docs:router' and commit.\n",
  );
  process.exitCode = 1;
}
