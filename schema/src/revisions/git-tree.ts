import { execFile, spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { UsageError } from "../usage-error.ts";
import type { FileTree } from "./file-tree.ts";

const run = promisify(execFile);

/** The root of the working copy that `directory` is in; null where it is in none, or there is no git. */
export const gitRootOf = async (directory: string): Promise<string | null> => {
  try {
    const { stdout } = await run("git", ["-C", directory, "rev-parse", "--show-toplevel"]);
    return stdout.trimEnd();
  } catch {
    return null;
  }
};

/** Who commits in a working copy; null where git does not know. */
export const gitUserOf = async (root: string): Promise<string | null> => {
  try {
    const { stdout } = await run("git", ["-C", root, "config", "user.name"]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
};

/**
 * The files of the commit that `ref` names, without touching the working copy.
 * @throws UsageError when there is no such commit.
 */
export const gitTree = async (root: string, ref: string): Promise<FileTree> => {
  const commit = await resolveCommit(root, ref);
  return {
    name: `git:${ref}`,
    read: (paths) => (paths.length === 0 ? Promise.resolve([]) : readBlobs(root, commit, paths)),
    async list(folder) {
      const { stdout } = await run(
        "git",
        ["-C", root, "ls-tree", "-r", "-z", "--name-only", commit, "--", `${folder}/`],
        {
          maxBuffer: MAX_LISTING_BYTES,
        },
      );
      return stdout
        .split("\0")
        .filter((path) => path !== "")
        .sort();
    },
  };
};

const MAX_LISTING_BYTES = 64_000_000;

const resolveCommit = async (root: string, ref: string): Promise<string> => {
  try {
    const { stdout } = await run("git", [
      "-C",
      root,
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${ref}^{commit}`,
    ]);
    return stdout.trim();
  } catch {
    throw new UsageError(
      `There is no commit ${JSON.stringify(ref)} in ${root}: expected a branch, a tag or a hash, such as --base git:origin/main. In a shallow clone, fetch it first.`,
    );
  }
};

/** One process for all of them: for 300 subgraphs one each would take longer than composing them. */
const readBlobs = async (
  root: string,
  commit: string,
  paths: readonly string[],
): Promise<readonly (string | null)[]> => {
  const git = spawn("git", ["-C", root, "cat-file", "--batch"], { stdio: ["pipe", "pipe", "inherit"] });
  const failed = new Promise<never>((_, reject) => git.once("error", reject));
  const answered = buffer(git.stdout);
  // Of a git that ends before it has read what it is asked, what it answered tells.
  git.stdin.on("error", () => undefined);
  // A line break in a path would be read as another path.
  git.stdin.end(paths.map((path) => `${commit}:${path.replaceAll("\n", "")}\n`).join(""));
  return parseBatch(await Promise.race([answered, failed]), paths.length);
};

/** Of each object `<hash> <type> <size>\n<contents>\n`, or `<name> missing\n`. */
const parseBatch = (output: Buffer, count: number): (string | null)[] => {
  const texts: (string | null)[] = [];
  let at = 0;
  while (texts.length < count) {
    const end = output.indexOf(0x0a, at);
    if (end < 0) throw new Error(`git cat-file answered ${texts.length} of ${count} objects.`);
    const [, type, size] = output.toString("utf8", at, end).split(" ");
    at = end + 1;
    if (type !== "blob" && type !== "tree") {
      texts.push(null);
      continue;
    }
    const length = Number(size);
    texts.push(type === "blob" ? output.toString("utf8", at, at + length) : null);
    at += length + 1;
  }
  return texts;
};
