import { join } from "node:path";
import { isArtifact } from "./artifact.ts";
import { createWhole, readIfThere, replaceWhole } from "./whole-files.ts";

/** Artifacts of a directory, one file each, by hash. */
export const createArtifactFiles = (directory: string) => {
  const pathOf = (hash: string): string => join(directory, "artifacts", `${hash}.json.gz`);
  return {
    async keep(hash: string, bytes: Uint8Array): Promise<void> {
      if ((await createWhole(pathOf(hash), bytes)) === "created") return;
      const kept = await readIfThere(pathOf(hash));
      if (kept && (await isArtifact(hash, kept))) return;
      await replaceWhole(pathOf(hash), bytes);
    },
    /** Null where there is none. */
    read: (hash: string): Promise<Uint8Array | null> => readIfThere(pathOf(hash)),
  };
};
