/** A process of its own that starts an embedded server in the directory that it is given, tells its URLs and stays. */
import { startEmbeddedPostgres } from "../embedded.ts";

const [directory = ""] = process.argv.slice(2);

try {
  const { urls } = await startEmbeddedPostgres({ directory, databases: ["users", "orders"] });
  process.stdout.write(`${JSON.stringify(urls)}\n`);
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stderr.write(String(error));
  process.exitCode = 1;
}
