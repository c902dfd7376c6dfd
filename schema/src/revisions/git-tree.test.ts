import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gitTree } from "./git-tree.ts";

let root: string;

const git = (...args: string[]): void => {
  execFileSync("git", ["-C", root, "-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args]);
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "supergraph-git-tree-"));
  git("init", "--quiet");
  await writeFile(join(root, "a.graphql"), "type Query { é: Int }\n");
  git("add", ".");
  git("commit", "--quiet", "--message", "First.");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

describe("the files of a commit", () => {
  it("are read all at once, and null where there is none", async () => {
    const tree = await gitTree(root, "HEAD");
    expect(await tree.read(["a.graphql", "b.graphql"])).toEqual(["type Query { é: Int }\n", null]);
  });

  it("are not read by a git that ends before it has heard what it is asked", async () => {
    const tree = await gitTree(root, "HEAD");
    const fake = join(root, "git");
    await writeFile(fake, "#!/bin/sh\nexit 3\n");
    await chmod(fake, 0o755);
    vi.stubEnv("PATH", `${root}${delimiter}${process.env.PATH}`);
    // More than a pipe takes in before anybody reads.
    const paths = Array.from({ length: 20_000 }, (_, index) => `subgraphs/${index}.graphql`);
    await expect(tree.read(paths)).rejects.toThrow("git cat-file answered 0 of 20000 objects");
  });
});
