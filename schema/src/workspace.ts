import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, posix, relative, resolve, sep } from "node:path";
import type { CheckConfig } from "./check/config.ts";
import { readCheckConfig } from "./check/read-config.ts";
import { digestOf } from "./drift/digest.ts";
import type { CommittedFile } from "./drift/drift.ts";
import { diskTree, type FileTree } from "./revisions/file-tree.ts";
import { gitRootOf, gitTree } from "./revisions/git-tree.ts";
import { type Revision, readRevision } from "./revisions/revision.ts";
import { UsageError } from "./usage-error.ts";

/** The graph that a command is about: where its files are, and how it is checked. */
export interface Workspace {
  /** Absolute: the working copy's root, or the folder of the configuration where there is none. Paths in findings are relative to it. */
  readonly root: string;
  readonly isGit: boolean;
  /** Of the `supergraph.yaml`, relative to `root`. */
  readonly configPath: string;
  /** Its folder, relative to `root`. */
  readonly folder: string;
  readonly config: CheckConfig;
  readonly tree: FileTree;
}

/** @throws UsageError when there is no such configuration, or it is malformed. */
export const openWorkspace = async (configPath: string): Promise<Workspace> => {
  const absolute = await realpath(resolve(configPath)).catch(() => {
    throw new UsageError(`There is no ${configPath}: expected a list of subgraphs in rover's format (--config).`);
  });
  const gitRoot = await gitRootOf(dirname(absolute));
  const root = gitRoot ?? dirname(absolute);
  const relativePath = relative(root, absolute).split(sep).join("/");
  return {
    root,
    isGit: gitRoot !== null,
    configPath: relativePath,
    folder: posix.dirname(relativePath),
    config: await readCheckConfig(dirname(absolute)),
    tree: diskTree(root),
  };
};

export const readHead = ({ tree, configPath, config }: Workspace): Promise<Revision> =>
  readRevision(tree, configPath, config);

/** Reads what is live in an environment of the registry. */
export type ReadLive = (environment: string) => Promise<Revision>;

/**
 * Reads what `--base` names: `git:<ref>`, `file:<path of a supergraph.yaml>` or `registry:<environment>`.
 * @throws UsageError when it cannot be had.
 */
export const readBase = async (workspace: Workspace, base: string, readLive: ReadLive): Promise<Revision> => {
  const { root, isGit, configPath, config } = workspace;
  const [, kind, value] = /^(git|file|registry):(.+)$/.exec(base) ?? [];
  if (kind === "git" && value !== undefined) {
    if (!isGit) throw new UsageError(`--base ${base}: ${root} is not in a git working copy.`);
    return readRevision(await gitTree(root, value), configPath, config);
  }
  if (kind === "file" && value !== undefined) {
    const path = resolve(value);
    const from = isAbsolute(relative(root, path)) || relative(root, path).startsWith("..") ? dirname(path) : root;
    return {
      ...(await readRevision(diskTree(from, base), relative(from, path).split(sep).join("/"), config)),
      name: base,
    };
  }
  if (kind === "registry" && value !== undefined) return readLive(value);
  throw new UsageError(
    `--base ${base}: expected git:<ref>, file:<path of a supergraph.yaml> or registry:<environment>, such as --base git:origin/main.`,
  );
};

/** The files that the configuration wants to be up to date. */
export const readCommitted = async ({ tree, folder, config }: Workspace): Promise<CommittedFile[]> => {
  const at = (path: string): string => posix.join(folder, path);
  const { artifacts, generated } = config;
  const composed = (["supergraph", "api"] as const).flatMap((kind) => {
    const path = artifacts[kind];
    return path === undefined ? [] : [{ kind, path: at(path) }];
  });
  const texts = await tree.read(
    [...composed, ...generated.map(({ file }) => ({ path: at(file) }))].map(({ path }) => path),
  );
  const digests = await Promise.all(generated.map(({ from }) => digestOf(tree, from.map(at))));
  return [
    ...composed.map((file, index) => ({ ...file, text: texts[index] ?? null })),
    ...generated.map(({ file, command }, index) => ({
      kind: "generated" as const,
      path: at(file),
      text: texts[composed.length + index] ?? null,
      digest: digests[index] ?? "",
      command,
    })),
  ];
};

export const readText = async ({ tree }: Workspace, path: string): Promise<string | null> =>
  (await tree.read([path]))[0] ?? null;

/** Where a file of the configuration's folder is, absolutely. */
export const absolutePathOf = ({ root, folder }: Workspace, path: string): string => join(root, folder, path);
