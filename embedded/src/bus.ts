import { type Bus, connectNats, createInProcessBus } from "@supergraph/messaging";
import { findNatsServer, startNatsServer } from "@supergraph/messaging/nats-server";
import type { Cleanup, Logger } from "@supergraph/service";
import type { EmbeddedConfig } from "./config.ts";
import { EnvironmentError } from "./data-directory.ts";
import { layout } from "./layout.ts";

export interface OpenedBus {
  readonly bus: Bus;
  /** For the banner. */
  readonly description: string;
  /** To be called once every consumer exists: the in-process bus holds messages back until then. */
  deliver(): void;
}

/**
 * NATS JetStream on a private server where `nats-server` is on the PATH, else in-process.
 * @throws EnvironmentError when NATS was asked for by name and there is none.
 */
export const openBus = async (config: EmbeddedConfig, log: Logger, cleanup: Cleanup): Promise<OpenedBus> => {
  const { nats, deadLetters } = layout(config.dataDirectory);
  const binary = config.bus === "in-process" ? null : findNatsServer();
  if (config.bus === "nats" && binary === null) {
    throw new EnvironmentError(
      "NATS_SERVER_MISSING",
      "BUS=nats asks for a nats-server, and there is none on the PATH. Install it (Debian: apt install nats-server), or leave BUS unset.",
    );
  }
  if (binary === null) {
    const bus = createInProcessBus({ log, deadLetterDirectory: deadLetters });
    cleanup.add(() => bus.stop());
    const why = config.bus === "in-process" ? "as BUS says" : "no nats-server on the PATH";
    return { bus, description: `in-process (${why})`, deliver: () => bus.open() };
  }
  const server = await startNatsServer({ directory: nats, log });
  cleanup.add(() => server.stop());
  const bus = await connectNats({ servers: server.url, log });
  cleanup.add(() => bus.stop());
  return { bus, description: "NATS JetStream (a private nats-server)", deliver: () => undefined };
};
