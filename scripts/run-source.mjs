// Runs a program of this repository from its sources: `node scripts/run-source.mjs schema/src/main.ts check`. As `tsx` would, but
// from one file: to load hundreds of them one by one takes longer than most of what they do. The file is kept, and written anew once a
// source or a package has changed.
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, stateOf } from "./run-source/bundle.mjs";
import { runScript } from "./run-source/run-script.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** What decides, besides the sources: which packages there are and in which versions, and how the file is written. */
const DECIDING = ["package-lock.json", "scripts/run-source/bundle.mjs"];
const OLD_MS = 3_600_000;

/** Where it is, if every source is as it was when it was written. */
const findKept = async (folder) => {
  try {
    const { sources, name } = JSON.parse(await readFile(join(folder, "kept.json"), "utf8"));
    const isAsBefore = await Promise.all(
      Object.entries(sources).map(async ([path, before]) => (await stateOf(join(root, path))) === before),
    );
    await stat(join(folder, name));
    return isAsBefore.every(Boolean) ? join(folder, name) : null;
  } catch {
    return null;
  }
};

/** Beside what others may be running: each writes a folder of its own, and what nobody can be using any more goes. */
const write = async (entry, folder) => {
  const own = `${Date.now()}-${process.pid}`;
  const deciding = await Promise.all(DECIDING.map(async (path) => [path, await stateOf(join(root, path))]));
  const sources = await bundle(root, entry, join(folder, own));
  const kept = { sources: { ...Object.fromEntries(deciding), ...sources }, name: join(own, "program.js") };
  const unfinished = join(folder, `${own}.tmp`);
  await writeFile(unfinished, JSON.stringify(kept));
  await rename(unfinished, join(folder, "kept.json"));
  await removeOld(folder);
  return join(folder, kept.name);
};

const removeOld = async (folder) => {
  const names = (await readdir(folder)).filter((name) => Date.now() - Number(name.split("-")[0]) > OLD_MS);
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
};

const [program, ...args] = process.argv.slice(2);
const entry = resolve(program);
const key = createHash("sha256").update(entry).digest("hex").slice(0, 12);
const folder = join(root, "node_modules", ".cache", "supergraph-programs", key);
const file = (await findKept(folder)) ?? (await write(entry, folder));
process.argv = [process.argv[0], entry, ...args];
runScript(file);
