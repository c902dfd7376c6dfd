import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { z } from "zod";
import { RegistryError } from "./errors.ts";

export interface PublishedSubgraph {
  readonly name: string;
  /** What its team calls this state of it: `1.4.0`, a commit. */
  readonly version: string;
  /** Where routers reach it unless they are told otherwise. */
  readonly url: string;
  readonly sdl: string;
}

/** Everything that is published at once, and never changes: another state is another artifact. */
export interface Artifact {
  readonly subgraphs: readonly PublishedSubgraph[];
  /** What the subgraphs compose to, as the publisher checked it: routers compose nothing. */
  readonly supergraphSdl: string;
  /** The contracts of the events between subgraphs, as text that only publishers read; null where there are none. */
  readonly events: string | null;
}

export interface EncodedArtifact {
  /** SHA-256 of the canonical JSON, in hexadecimal: the artifact's name wherever it is kept. */
  readonly hash: string;
  /** The canonical JSON, gzipped. */
  readonly bytes: Uint8Array;
}

/** Of the JSON. A supergraph of 300 subgraphs and its subgraphs have 7 MB. */
const MAX_JSON_BYTES = 128_000_000;

const ArtifactShape = z.object({
  subgraphs: z.array(z.object({ name: z.string(), version: z.string(), url: z.string(), sdl: z.string() })),
  supergraphSdl: z.string(),
  events: z.string().nullable().default(null),
});

const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);
const deflate = promisify<string, Buffer>(gzip);

/** The same subgraphs, in any order, have the same hash. */
export const encodeArtifact = async (artifact: Artifact): Promise<EncodedArtifact> => {
  const json = canonicalJson(artifact);
  return { hash: hashOf(json), bytes: await deflate(json) };
};

/** @throws RegistryError ARTIFACT_CORRUPT when it is not what `hash` names. */
export const decodeArtifact = async (hash: string, bytes: Uint8Array): Promise<Artifact> => {
  let json: Buffer;
  try {
    json = await inflate(bytes, { maxOutputLength: MAX_JSON_BYTES });
  } catch (error) {
    throw corrupt(hash, `it cannot be unpacked (${error instanceof Error ? error.message : String(error)})`, error);
  }
  const found = hashOf(json);
  if (found !== hash) throw corrupt(hash, `what is stored has the hash ${found}`);
  const parsed = ArtifactShape.safeParse(JSON.parse(json.toString("utf8")));
  if (!parsed.success) throw corrupt(hash, `it has another shape: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};

/** Whether `bytes` are the artifact that `hash` names. */
export const isArtifact = (hash: string, bytes: Uint8Array): Promise<boolean> =>
  decodeArtifact(hash, bytes).then(
    () => true,
    () => false,
  );

const canonicalJson = ({ subgraphs, supergraphSdl, events }: Artifact): string =>
  JSON.stringify({
    subgraphs: subgraphs
      .map(({ name, version, url, sdl }) => ({ name, version, url, sdl }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    supergraphSdl,
    // What was published before there were any keeps its hash.
    ...(events === null ? {} : { events }),
  });

const hashOf = (json: string | Uint8Array): string => createHash("sha256").update(json).digest("hex");

const corrupt = (hash: string, reason: string, cause?: unknown): RegistryError =>
  new RegistryError("ARTIFACT_CORRUPT", `The artifact ${hash} is corrupted: ${reason}.`, cause);
