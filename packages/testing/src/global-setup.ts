import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@supergraph/postgres/embedded";
import type { TestProject } from "vitest/node";
import { startTestNats, WITHOUT_NATS } from "./nats.ts";
import "./provided.ts";

/**
 * What the integration and end-to-end tests of a run share: one real Postgres server and, where `nats-server` is
 * installed, one NATS server, gone after it. Each test file makes its own databases by `createTestDatabase`, and a
 * namespace of its own on NATS.
 */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  const directory = await mkdtemp(join(tmpdir(), "supergraph-test-"));
  const teardown: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  const tearDown = async () => {
    for (const step of teardown.splice(0).reverse()) await step();
  };
  try {
    const postgres = await startEmbeddedPostgres({ directory, databases: [], durable: false });
    teardown.push(postgres.stop);
    project.provide("postgresUrl", postgres.adminUrl);

    const nats = await startTestNats();
    if (nats) teardown.push(nats.stop);
    else
      process.stderr.write(
        `\n${WITHOUT_NATS}: everything about the NATS bus (Debian: apt-get install nats-server).\n\n`,
      );
    project.provide("natsUrl", nats?.url ?? null);
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
};
