import { fileURLToPath } from "node:url";
import type { Log } from "@supergraph/messaging";
import { RegistryError } from "./errors.ts";
import type { Pointer, RouterReport } from "./pointer.ts";

export { type Artifact, decodeArtifact, encodeArtifact, type PublishedSubgraph } from "./artifact.ts";
export { RegistryError } from "./errors.ts";
export { assertEnvironment, type Pointer, type RouterReport } from "./pointer.ts";

/** How what is live reaches routers, and what they say of it reaches publishers. Holds nothing that the records don't. */
export interface Live {
  /** For logs and messages: a directory or hosts, without credentials. */
  readonly place: string;
  /** Null where nothing was ever live. */
  pointer(environment: string): Promise<Pointer | null>;
  /** Puts `next` in the place of what has the version `expected`; `lost` where another version is live. */
  move(next: Pointer, expected: number | null): Promise<"moved" | "lost">;
  /** Safe to repeat. What is there and corrupted is replaced. */
  keepArtifact(hash: string, bytes: Uint8Array): Promise<void>;
  /** @throws RegistryError ARTIFACT_MISSING; whether it is corrupted `decodeArtifact` tells. */
  artifact(hash: string): Promise<Uint8Array>;
  /** Drops artifacts that were kept before that time and are live in no environment. Answers how many. */
  dropUnused(before: Date): Promise<number>;
  /** Hears of the pointer now and whenever it has moved, also of moves that were missed while there was no connection. */
  watch(environment: string, hear: (pointer: Pointer) => void): Stop;
  /** Says what a router has made of a version; forgotten after {@link REPORT_TTL_MS} unless it is said again. */
  report(environment: string, report: RouterReport): Promise<void>;
  /** The router stops. */
  leave(environment: string, router: string): Promise<void>;
  /** Hears of all reports now, and of all again whenever one is new. */
  watchReports(environment: string, hear: (reports: readonly RouterReport[]) => void): Promise<Stop>;
  close(): Promise<void>;
}

export type Stop = () => void;

/** A router that says nothing for so long is no longer waited for. */
export const REPORT_TTL_MS = 30_000;

export interface LiveOptions {
  /** `file:<directory>`, or servers as `nats://user:password@host:4222`, comma-separated. */
  readonly url: string;
  /** Shown in the broker's monitoring; what the broker answers comes under `_INBOX_<name>.>`. */
  readonly name: string;
  /** A publisher makes the buckets that are missing; a router needs to read one and to write its own reports. */
  readonly role: "publisher" | "router";
  readonly log: Log;
  readonly credentialsFile?: string | undefined;
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined;
  /** Prefix of the buckets, so that several registries can share a broker. */
  readonly namespace?: string | undefined;
  /** Copies of the buckets; more than 1 needs a cluster. */
  readonly replicas?: number;
  /** 5,000 unless given. */
  readonly connectTimeoutMs?: number;
}

/** @throws RegistryError REGISTRY_UNREACHABLE, URL_UNUSABLE. */
export const openLive = async (options: LiveOptions): Promise<Live> => {
  if (options.url.startsWith("file:")) {
    const { createFileLive } = await import("./file-live.ts");
    return createFileLive(directoryOf(options.url));
  }
  // Who reads files needs no client of NATS.
  const { openNatsLive } = await import("./nats/nats-live.ts");
  return openNatsLive(options);
};

/** The directory of `file:<path>`, relative to where the process runs, or of `file:///<path>`. */
export const directoryOf = (url: string): string => {
  if (url.startsWith("file://")) return fileURLToPath(url);
  const path = url.slice("file:".length);
  if (path !== "") return path;
  throw new RegistryError("URL_UNUSABLE", "Expected a directory after file:, such as file:/var/lib/schema-registry.");
};
