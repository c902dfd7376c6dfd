import { existsSync } from "node:fs";
import { readdir, rm, rmdir } from "node:fs/promises";
import { stopLeftNatsServer } from "@supergraph/messaging/nats-server";
import { stopLeftPostgres } from "@supergraph/postgres/embedded";
import { describeStartFailure } from "@supergraph/service";
import { parseEmbeddedConfig } from "./config.ts";
import { layout } from "./layout.ts";

/**
 * Deletes what a supergraph keeps in its data folder, and the folder if nothing else is in it. What is not ours stays:
 * DATA_DIR may have been set to a folder that holds other things.
 */
const reset = async (dataDirectory: string): Promise<string> => {
  if (!existsSync(dataDirectory)) return `There is nothing in ${dataDirectory}: the next start is a first start.`;
  const ours = layout(dataDirectory);
  // Both refuse while a running supergraph owns the folder, so nothing is deleted under its feet.
  if (existsSync(ours.postgres)) await stopLeftPostgres(ours.postgres);
  if (existsSync(ours.nats)) await stopLeftNatsServer(ours.nats);
  for (const path of Object.values(ours)) await rm(path, { recursive: true, force: true });
  if ((await readdir(dataDirectory)).length === 0) await rmdir(dataDirectory);
  return `Deleted the data in ${dataDirectory}: the next start is a first start.`;
};

try {
  process.stdout.write(`${await reset(parseEmbeddedConfig(process.env).dataDirectory)}\n`);
} catch (error) {
  process.stderr.write(`${describeStartFailure(error)}\n`);
  process.exitCode = 1;
}
