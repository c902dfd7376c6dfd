import { decodeArtifact } from "./artifact.ts";
import { RegistryError } from "./errors.ts";
import type { Live } from "./live.ts";
import type { Records } from "./records.ts";

/**
 * Brings what routers are told up to what is recorded. Any process may do it at any time: the pointer only ever moves from the
 * version that was seen, and never back.
 * @throws RegistryError REGISTRY_CONFLICT when routers are told more than is recorded, ARTIFACT_CORRUPT when what is recorded cannot be served.
 */
export const distribute = async (
  records: Records,
  live: Live,
  environment: string,
): Promise<"told" | "was told" | "nothing"> => {
  for (;;) {
    const latest = await records.latest(environment);
    const pointer = await live.pointer(environment);
    if (latest === null && pointer === null) return "nothing";
    if (latest === null || (pointer !== null && pointer.version > latest.version))
      throw new RegistryError(
        "REGISTRY_CONFLICT",
        `Routers of ${environment} are told version ${pointer?.version} at ${live.place}, and the records at ${records.place} end with ${latest?.version ?? "none"}: these are not of one registry, or the records were lost. Restore them, or use another namespace.`,
      );
    const { version, artifact, at, by } = latest;
    if (pointer?.version === version) {
      if (pointer.artifact === artifact) return "was told";
      throw new RegistryError(
        "REGISTRY_CONFLICT",
        `Version ${version} of ${environment} is another one at ${live.place} than in the records at ${records.place}: these are not of one registry.`,
      );
    }
    // First what the pointer points to: a router that sees the one finds the other.
    const bytes = await records.artifact(artifact);
    await decodeArtifact(artifact, bytes);
    await live.keepArtifact(artifact, bytes);
    const moved = await live.move({ environment, version, artifact, at, by }, pointer?.version ?? null);
    if (moved === "moved") return "told";
  }
};
