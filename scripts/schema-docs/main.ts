import { readFile, writeFile } from "node:fs/promises";
import { renderFindingsDocument } from "./findings-document.ts";

/** Writes schema/findings.md; with `--check` only tells whether it is what would be written. */
const path = new URL("../../schema/findings.md", import.meta.url);
const text = renderFindingsDocument();

if (!process.argv.includes("--check")) await writeFile(path, text);
else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
  process.stderr.write("schema/findings.md is not what the findings are: run 'npm run docs:schema' and commit.\n");
  process.exitCode = 1;
}
