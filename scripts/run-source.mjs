// Runs a program of this repository from its sources: `node scripts/run-source.mjs schema/src/main.ts check`. As `tsx` would, but
// from one file: to load a hundred of them one by one takes longer than most of what they do. The file is kept, and written anew
// once a source has changed. Threads, which are other programs, run as `tsx` runs them.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What tells whether a file has changed: its size and when it was written. */
const stateOf = async (path) => {
  const { size, mtimeMs } = await stat(join(root, path));
  return `${size} ${mtimeMs}`;
};

const statesOf = async (paths) =>
  Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await stateOf(path)])));

/** Where it is, and whether every source is as it was when it was written. */
const findKept = async (folder) => {
  try {
    const { sources, name } = JSON.parse(await readFile(join(folder, "kept.json"), "utf8"));
    const now = await statesOf(Object.keys(sources));
    const isFresh = Object.entries(sources).every(([path, state]) => now[path] === state);
    await stat(join(folder, name));
    return isFresh ? join(folder, name) : null;
  } catch {
    return null;
  }
};

/** Beside what others may be running: each writes a folder of its own, and what nobody can be using any more goes. */
const write = async (entry, folder) => {
  const { build } = await import("esbuild");
  const own = `${Date.now()}-${process.pid}`;
  // Which packages there are, and in which versions, decides what is bundled.
  const sources = await statesOf(["package-lock.json"]);
  await build({
    entryPoints: { program: entry },
    outdir: join(folder, own),
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["supergraph-source"],
    sourcemap: "linked",
    logLevel: "error",
    plugins: [ownSourcesOnly(sources)],
  });
  const kept = { sources, name: join(own, "program.js") };
  const unfinished = join(folder, `${own}.tmp`);
  await writeFile(unfinished, JSON.stringify(kept));
  await rename(unfinished, join(folder, "kept.json"));
  await removeOld(folder);
  return join(folder, kept.name);
};

const OLD_MS = 3_600_000;

const removeOld = async (folder) => {
  const names = (await readdir(folder)).filter((name) => Date.now() - Number(name.split("-")[0]) > OLD_MS);
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
};

/**
 * Packages stay packages: a second copy of graphql would not know the types of the first. One that a workspace has in a version of its own is
 * told by its place, since the one file lies elsewhere. Sources go on to know where they lie. Tells in `sources` what each was like.
 */
const ownSourcesOnly = (sources) => ({
  name: "own-sources-only",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
      if (kind === "entry-point" || path.startsWith("@supergraph/")) return undefined;
      return { path: hasOwn(importer, path) ? createRequire(importer).resolve(path) : path, external: true };
    });
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      // Before it is read: what is saved in between must not be taken for what was read.
      Object.assign(sources, await statesOf([relative(root, path)]));
      const text = await readFile(path, "utf8");
      return { contents: text.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)), loader: "ts" };
    });
  },
});

/** Whether the nearest package above `importer` holds the one that `path` names, in its own node_modules. */
const hasOwn = (importer, path) => {
  if (path.startsWith("node:")) return false;
  const name = path.split("/", path.startsWith("@") ? 2 : 1).join("/");
  for (let folder = dirname(importer); folder.length > root.length; folder = dirname(folder))
    if (existsSync(join(folder, "node_modules", name))) return true;
  return false;
};

const [program, ...args] = process.argv.slice(2);
const entry = resolve(program);
const key = createHash("sha256").update(entry).digest("hex").slice(0, 12);
const folder = join(root, "node_modules", ".cache", "supergraph-programs", key);
const file = (await findKept(folder)) ?? (await write(entry, folder));
process.argv = [process.argv[0], entry, ...args];
await import(pathToFileURL(file).href);
