import { readFile, writeFile } from "node:fs/promises";
import { renderBrokerUsers } from "./broker-users.ts";
import { renderDocument } from "./document.ts";
import { renderEventsFile } from "./events-file.ts";

/** Writes docs/events.md, schema/events.json and the users of a broker on Kubernetes; with `--check` only tells whether they are what would be written. */
const FILES = {
  "docs/events.md": renderDocument(),
  "schema/events.json": renderEventsFile(),
  "deploy/k8s/nats/users.yaml": renderBrokerUsers(),
};
const root = new URL("../../", import.meta.url);

for (const [name, text] of Object.entries(FILES)) {
  const path = new URL(name, root);
  if (!process.argv.includes("--check")) await writeFile(path, text);
  else if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    process.stderr.write(`${name} is not what the contracts and the saga say: run 'npm run docs:events' and commit.\n`);
    process.exitCode = 1;
  }
}
