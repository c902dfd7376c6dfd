import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../../", import.meta.url));

/** This repository as it lies on the disk, in a folder of its own with git in it, where a test may change it. */
export interface Checkout {
  readonly root: string;
  /** As `npm install` would: the packages are those of this repository, its own workspaces those of the copy. */
  link(workspace: string): void;
  /** Paths that differ from how it was made. */
  changed(): readonly string[];
  /** Makes it as it was, but for what git ignores. */
  restore(): void;
  /** Runs a program of node_modules or of the repository. Resolves with how it ended and all that it wrote. */
  run(program: string, ...args: string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  remove(): void;
}

export const checkOut = (): Checkout => {
  const root = mkdtempSync(join(tmpdir(), "supergraph-checkout-"));
  const git = (cwd: string, ...args: string[]) => execFileSync("git", args, { cwd, encoding: "utf8" });
  for (const path of git(here, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"))
    if (path !== "" && existsSync(join(here, path)))
      cpSync(join(here, path), join(root, path), { verbatimSymlinks: true });
  linkPackages(root);
  git(root, "init", "--quiet");
  git(root, "add", "--all");
  git(root, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "As it was");
  return {
    root,
    link: (workspace) =>
      symlinkSync(join(root, workspace), join(root, "node_modules/@supergraph", workspace.split("/").at(-1) ?? "")),
    changed: () =>
      git(root, "status", "--porcelain", "--untracked-files=all")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.slice(3)),
    restore() {
      git(root, "checkout", "--quiet", ".");
      git(root, "clean", "--quiet", "--force", "-d");
    },
    run: (program, ...args) => execute(root, program, args),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};

/** Everything but the workspaces, which node_modules links to by paths that hold in the copy, too. */
const linkPackages = (root: string): void => {
  const packages = join(here, "node_modules");
  mkdirSync(join(root, "node_modules/@supergraph"), { recursive: true });
  for (const name of readdirSync(packages))
    if (name !== "@supergraph") symlinkSync(join(packages, name), join(root, "node_modules", name));
  for (const name of readdirSync(join(packages, "@supergraph"))) {
    const link = join(packages, "@supergraph", name);
    if (!lstatSync(link).isSymbolicLink()) throw new Error(`Expected ${link} to be a link to a workspace.`);
    symlinkSync(readlinkSync(link), join(root, "node_modules/@supergraph", name));
    // What a workspace has in a version of its own.
    const own = join(dirname(link), readlinkSync(link), "node_modules");
    if (existsSync(own)) symlinkSync(own, join(root, "node_modules/@supergraph", name, "node_modules"));
  }
};

const execute = (
  cwd: string,
  program: string,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" };
    const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
