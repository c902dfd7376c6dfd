import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const playground = fileURLToPath(new URL("../router/playground/", import.meta.url));
const dist = join(playground, "dist");
const recordedHash = join(dist, ".sources-hash");
const sources = ["index.html", "package.json", "src", "tsconfig.json", "vite.config.ts"];

/** Where the built playground lies, to be served as static files. */
export const playgroundDist = dist;

/**
 * Builds the playground into `router/playground/dist` when that is missing or was made of other sources.
 * Safe to repeat and to run twice at once: a build is made aside and moved into place when it is whole.
 *
 * @param {{ force?: boolean }} [options]
 * @returns {Promise<{ kind: "built", ms: number } | { kind: "upToDate" } | { kind: "unavailable", missing: string[] }>}
 *   `unavailable` when dev dependencies or the sources are not there (an image's install step); `dist` stays as it was.
 * @throws Error with Vite's output when the build fails.
 */
export async function buildPlayground({ force = false } = {}) {
  const { versions, missing } = await whatABuildNeeds();
  if (missing.length > 0) return { kind: "unavailable", missing };
  const hash = await hashOfSources(versions);
  if (!force && (await readFile(recordedHash, "utf8").catch(() => "")) === hash) return { kind: "upToDate" };
  const startedAt = performance.now();
  const aside = join(playground, "node_modules", ".build", String(process.pid));
  await mkdir(dirname(aside), { recursive: true });
  try {
    await runVite(aside);
    await writeFile(join(aside, ".sources-hash"), hash);
    await moveIntoPlace(aside);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return { kind: "built", ms: Math.round(performance.now() - startedAt) };
}

/** Versions count as sources: the bundle is mostly made of them. */
async function whatABuildNeeds() {
  const absent = sources.filter((name) => !existsSync(join(playground, name)));
  if (absent.length > 0) return { versions: [], missing: absent.map((name) => `router/playground/${name}`) };
  const { devDependencies } = JSON.parse(await readFile(join(playground, "package.json"), "utf8"));
  const versions = [];
  const missing = [];
  for (const name of Object.keys(devDependencies).sort()) {
    const folder = folderOf(name);
    if (!folder) missing.push(name);
    else versions.push(`${name}@${JSON.parse(await readFile(join(folder, "package.json"), "utf8")).version}`);
  }
  return { versions, missing };
}

/** Looks where Node.js would; `require.resolve` cannot be asked for packages that do not export their package.json. */
function folderOf(name) {
  const candidates = createRequire(join(playground, "package.json")).resolve.paths(name) ?? [];
  return candidates.map((path) => join(path, name)).find((folder) => existsSync(join(folder, "package.json")));
}

async function hashOfSources(versions) {
  const hash = createHash("sha256").update(versions.join("\n"));
  for (const file of (await Promise.all(sources.map((name) => filesIn(join(playground, name))))).flat().sort()) {
    hash.update(`\n${relative(playground, file)}\n`).update(await readFile(file));
  }
  return hash.digest("hex");
}

async function filesIn(path) {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => null);
  if (entries === null) return [path];
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function runVite(outDir) {
  const vite = join(folderOf("vite") ?? "vite", "bin", "vite.js");
  const args = [vite, "build", "--outDir", outDir, "--emptyOutDir", "--logLevel", "warn"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: playground, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) {
        process.stderr.write(output);
        resolve(undefined);
      } else reject(new Error(`vite build of router/playground exited with ${code}:\n${output.trim()}`));
    });
  });
}

async function moveIntoPlace(aside) {
  const previous = `${aside}.previous`;
  await rename(dist, previous).catch(ignoreMissing);
  await rename(aside, dist).catch((error) => {
    // Another build moved its own in between: it was made of the same sources.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  });
  await rm(previous, { recursive: true, force: true });
}

function ignoreMissing(error) {
  if (error.code !== "ENOENT") throw error;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const result = await buildPlayground({ force: true });
  if (result.kind === "unavailable") {
    process.stderr.write(`The playground cannot be built without ${result.missing.join(", ")}: run npm install.\n`);
    process.exitCode = 1;
  } else if (result.kind === "built") {
    process.stdout.write(
      `Built the playground in ${(result.ms / 1000).toFixed(1)} s: ${relative(process.cwd(), dist) || dist}\n`,
    );
  }
}
