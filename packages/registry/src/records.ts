import { z } from "zod";
import { RegistryError } from "./errors.ts";
import { directoryOf } from "./live.ts";
import { ArtifactHash, VersionNumber } from "./pointer.ts";

const Change = z.object({ subgraph: z.string(), from: z.string().nullable(), to: z.string().nullable() });

/** Something that was made live. */
export const VersionShape = z.object({
  environment: z.string(),
  version: VersionNumber,
  kind: z.enum(["publish", "rollback"]),
  artifact: ArtifactHash,
  /** Of a rollback, the earlier version that has this artifact. */
  restores: VersionNumber.nullable(),
  /** ISO 8601. */
  at: z.iso.datetime(),
  by: z.string(),
  why: z.string().nullable(),
  /** By the versions that subgraphs have; null where one was not there. */
  changes: z.array(Change),
  /** What the check had to say, as JSON. */
  report: z.unknown(),
});

/** Something that did not change what is live. */
export const NoteShape = z.object({
  environment: z.string(),
  /** The version that it is about; of what was `blocked`, the one that it was held against. */
  version: VersionNumber.nullable(),
  /** `blocked` by the check; `refused` by a router; `served` by all routers that were known. */
  kind: z.enum(["blocked", "refused", "served"]),
  at: z.iso.datetime(),
  by: z.string(),
  why: z.string().nullable(),
  report: z.unknown(),
});

export type Change = Readonly<z.output<typeof Change>>;
export type Version = Readonly<z.output<typeof VersionShape>>;
export type Note = Readonly<z.output<typeof NoteShape>>;

/**
 * The truth: which version of an environment has which artifact, who made it so and why. Only ever appended to. Its highest version is
 * what is live; {@link Live} follows.
 */
export interface Records {
  /** For messages, without credentials. */
  readonly place: string;
  latest(environment: string): Promise<Version | null>;
  version(environment: string, version: number): Promise<Version | null>;
  /** `taken` where another has appended this version: the moment in which one of two wins. Its artifact is kept before. */
  append(version: Version): Promise<"appended" | "taken">;
  note(note: Note): Promise<void>;
  /** Oldest first. */
  notes(environment: string): Promise<readonly Note[]>;
  /** Newest first, `limit` at the most. */
  versions(environment: string, limit: number): Promise<readonly Version[]>;
  /** Safe to repeat. */
  keepArtifact(hash: string, bytes: Uint8Array): Promise<void>;
  /** @throws RegistryError ARTIFACT_MISSING */
  artifact(hash: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** @throws RegistryError REGISTRY_UNREACHABLE, URL_UNUSABLE; never repeating the URL, which may hold a password. */
export const openRecords = async (url: string): Promise<Records> => {
  if (url.startsWith("file:")) {
    const { createFileRecords } = await import("./file-records.ts");
    return createFileRecords(directoryOf(url));
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    // Who keeps records in files needs no client of Postgres.
    const { openPostgresRecords } = await import("./postgres-records.ts");
    return openPostgresRecords(url);
  }
  throw new RegistryError(
    "URL_UNUSABLE",
    "Expected where the registry's records are: postgres://user:password@host:5432/database or file:/var/lib/schema-registry.",
  );
};
