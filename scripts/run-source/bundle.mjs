import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * They load files of their own, or are needed to reach a server only. None of them knows graphql: of that, there would be two copies, and
 * one knows no types of the other.
 */
const LEFT_OUT = /^(drizzle-orm|jiti|nats|pino|postgres|tsx)(\/|$)/;

/** A thread that a source starts, as `startThread` of @supergraph/service has it. */
const THREAD = /startThread\(import\.meta\.url, "\.\/([\w-]+)"/g;

/** What tells whether a file has changed: its size and when it was written. */
export const stateOf = async (path) => {
  const { size, mtimeMs } = await stat(path);
  return `${size} ${mtimeMs}`;
};

/**
 * Writes `folder`/program.js: all that a program of the repository consists of, packages too, as a script whose value is a function
 * of `exports`, `require` and `module`; and beside it each thread that it starts, as a program of its own. Answers what was read, by
 * paths from `root`, with the state of each.
 */
export const bundle = async (root, entry, folder) => {
  const { build } = await import("esbuild");
  const sources = {};
  const threads = new Map();
  const options = {
    absWorkingDir: root,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    conditions: ["supergraph-source"],
    // What modules import and what scripts require is to be one copy.
    mainFields: ["main", "module"],
    // Scripts that V8 compiled before cannot import.
    supported: { "dynamic-import": false },
    logLevel: "error",
    plugins: [fromSources({ root, folder, sources, startsThread: (source) => startsThread(source) })],
  };
  // Beside the program: together they take as long as the program alone.
  const startsThread = (source) => {
    if (threads.has(source)) return;
    threads.set(source, build({ ...options, entryPoints: { [basename(source, ".ts")]: source }, outdir: folder }));
  };
  await build({
    ...options,
    entryPoints: { program: entry },
    outdir: folder,
    banner: { js: "(function (exports, require, module) {" },
    footer: { js: "})" },
  });
  await Promise.all(threads.values());
  return sources;
};

/** Sources go on to know where they lie, but for threads, which are found beside the program. */
const fromSources = ({ root, folder, sources, startsThread }) => ({
  name: "from-sources",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LEFT_OUT }, ({ path, importer }) => ({
      path: hasOwn(root, importer, path) ? createRequire(importer).resolve(path) : path,
      external: true,
    }));
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      // Before it is read: what is saved in between must not be taken for what was read.
      sources[relative(root, path)] = await stateOf(path);
      const text = await readFile(path, "utf8");
      for (const [, name] of text.matchAll(THREAD)) {
        const thread = resolve(dirname(path), `${name}.ts`);
        // The function's own description has an example.
        if (existsSync(thread)) startsThread(thread);
      }
      const here = JSON.stringify(pathToFileURL(path).href);
      const contents = text
        .replace(/^#!.*/, "")
        .replaceAll(THREAD, `startThread(${JSON.stringify(pathToFileURL(join(folder, "program.js")).href)}, "./$1"`)
        .replaceAll("import.meta.resolve(", `require("node:module").createRequire(${here}).resolve(`)
        .replaceAll("import.meta.url", here);
      return { contents, loader: "ts" };
    });
  },
});

/** Whether the nearest package above `importer` holds the one that `specifier` names, in its own node_modules. */
const hasOwn = (root, importer, specifier) => {
  for (let folder = dirname(importer); folder.length > root.length; folder = dirname(folder))
    if (existsSync(join(folder, "node_modules", ...specifier.split("/", 1)))) return true;
  return false;
};
