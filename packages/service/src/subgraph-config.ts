import type { JWK } from "jose";
import type { NatsConfig } from "./nats-config.ts";

/** What every subgraph is started with. */
export interface SubgraphConfig {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Its own database, as its own role. */
  readonly databaseUrl: string;
  /** What verifies the router's signatures. */
  readonly routerPublicKeys: { readonly keys: JWK[] };
  /** For the router, which keeps connections, `IDLE_GRACE_MS`; 0 unless given. */
  readonly idleGraceMs?: number;
  readonly logLevel: string;
  /** The largest message that may be committed to the outbox, in bytes. 512 KiB unless given. */
  readonly maxMessageBytes?: number;
}

/** What a subgraph in a process of its own needs to know, too: others are handed a bus. */
export interface BusConfig {
  readonly nats: NatsConfig;
}
