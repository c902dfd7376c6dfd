import type { Artifact, EncodedArtifact } from "../artifact.ts";
import { encodeArtifact } from "../artifact.ts";
import type { Version } from "../records.ts";
import type { Proposal } from "../registry.ts";

/** Of subgraphs by the versions that they have. */
export const anArtifact = (versions: Readonly<Record<string, string>> = { products: "1" }): Artifact => ({
  subgraphs: Object.entries(versions).map(([name, version]) => ({
    name,
    version,
    url: `http://localhost/${name}`,
    sdl: `type Query { ${name}_${version}: String }`,
  })),
  supergraphSdl: `# ${JSON.stringify(Object.entries(versions).sort())}`,
  events: null,
});

export const encoded = (versions?: Readonly<Record<string, string>>): Promise<EncodedArtifact> =>
  encodeArtifact(anArtifact(versions));

/** A megabyte when it is compressed: more than a broker takes at a time. */
export const aLargeArtifact = (): Artifact => ({
  ...anArtifact(),
  supergraphSdl: Array.from({ length: 130_000 }, (_, index) => Math.sin(index).toString(36)).join("\n"),
});

export const aVersion = (its: Pick<Version, "version" | "artifact"> & Partial<Version>): Version => ({
  environment: "production",
  kind: "publish",
  restores: null,
  at: "2026-11-22T12:00:00.000Z",
  by: "ada",
  why: null,
  changes: [{ subgraph: "products", from: null, to: "1" }],
  report: { verdict: "pass" },
  ...its,
});

/** What a publisher proposes who changes one subgraph of whatever is live. */
export const publishing =
  (name: string, version: string) =>
  async (current: { readonly artifact: Artifact } | null): Promise<Proposal> => {
    const versions = Object.fromEntries(current?.artifact.subgraphs.map((one) => [one.name, one.version]) ?? []);
    return {
      kind: "accepted",
      artifact: anArtifact({ ...versions, [name]: version }),
      changes: [{ subgraph: name, from: versions[name] ?? null, to: version }],
      report: { verdict: "pass" },
    };
  };
