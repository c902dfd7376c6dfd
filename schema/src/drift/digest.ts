import { createHash } from "node:crypto";
import type { FileTree } from "../revisions/file-tree.ts";

/**
 * `sha256:` and the digest of the files that something is generated from: names and texts, in the order of names. A folder stands for
 * the `.graphql` files in it. Line ends count as one, so that a checkout on another system has the same.
 */
export const digestOf = async (tree: FileTree, from: readonly string[]): Promise<string> => {
  const listed = await Promise.all(
    from.map(async (path) => {
      const below = (await tree.list(path)).filter((file) => file.endsWith(".graphql"));
      return below.length > 0 ? below : [path];
    }),
  );
  const paths = [...new Set(listed.flat())].sort();
  const texts = await tree.read(paths);
  const hash = createHash("sha256");
  for (const [index, path] of paths.entries())
    hash.update(JSON.stringify([path, texts[index]?.replaceAll("\r\n", "\n") ?? null]));
  return `sha256:${hash.digest("hex")}`;
};
