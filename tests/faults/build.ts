import { rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** One level below a service's folder, as its sources are: they look for files beside them. */
const BUILT = ".faults/main.mjs";

const REQUIRE = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;

/** What runs the service in `folder`, below the root, with the failpoints compiled in. */
export const builtEntry = (folder: string): string => join(folder, BUILT);

/** Of this process: systems that start side by side share them. */
const builds = new Map<string, Promise<void>>();

/**
 * Builds services with the failpoints in them, into one file each: what is killed a hundred times has to start quickly,
 * and compiling sources anew takes longer than all the rest of a start. Once a process; several processes may do so at once.
 */
export const buildServices = async (folders: readonly string[]): Promise<void> => {
  await Promise.all(
    folders.map((folder) => {
      const begun = builds.get(folder) ?? buildService(folder);
      builds.set(folder, begun);
      return begun;
    }),
  );
};

/** Programs of threads, each in a file of its own beside the service's, where the service looks for it. */
const THREADS: Readonly<Record<string, readonly string[]>> = { router: ["planning/planner-thread"] };

const buildService = async (folder: string): Promise<void> => {
  const threads = (THREADS[folder] ?? []).map((thread) =>
    buildFile(folder, `${thread}.ts`, join(root, folder, dirname(BUILT), `${basename(thread)}.js`)),
  );
  await Promise.all([buildFile(folder, "main.ts", join(root, builtEntry(folder))), ...threads]);
};

const buildFile = async (folder: string, source: string, built: string): Promise<void> => {
  const unfinished = `${built}.${process.pid}.tmp`;
  await build({
    entryPoints: [join(root, folder, "src", source)],
    outfile: unfinished,
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // For what is bundled of others, which may still be CommonJS.
    banner: { js: REQUIRE },
    conditions: ["supergraph-faults", "supergraph-source"],
    // Machine code stays where it is.
    external: ["@node-rs/*"],
    logLevel: "error",
  });
  await rename(unfinished, built);
};
