import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@supergraph/postgres/embedded";
import type { TestProject } from "vitest/node";
import "./provided.ts";

/**
 * What the integration and end-to-end tests of a run share: one real Postgres server, gone after it. Each test file
 * makes its own databases in it by `createTestDatabase`.
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

    // NATS starts here: `startTestNats()` of "./nats.ts".
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
};
