import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNatsServer, startNatsServer } from "@supergraph/messaging/nats-server";
import { inject } from "vitest";
import "./provided.ts";

/** A private NATS server with JetStream for one run of tests, or null when no `nats-server` is on the PATH. */
export const startTestNats = async (): Promise<{ url: string; stop(): Promise<void> } | null> => {
  if (findNatsServer() === null) return null;
  const directory = await mkdtemp(join(tmpdir(), "supergraph-test-nats-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const server = await startNatsServer({ directory });
    return {
      url: server.url,
      async stop() {
        await server.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};

/**
 * The run's NATS server, null where there is none. All test files share it: give `connectNats` a `namespace` of the
 * test's own, and skip with {@link WITHOUT_NATS} in the title where it is null.
 */
export const testNatsUrl = (): string | null => inject("natsUrl");

/** For the title of what is skipped, so that a report says what was not tested, and why. */
export const WITHOUT_NATS = "NOT TESTED: no nats-server on the PATH";
