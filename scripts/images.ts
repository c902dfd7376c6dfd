import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

interface Image {
  readonly workspace: string;
  /** For every process of the image. */
  readonly nodeOptions?: string;
}

const IMAGES: Readonly<Record<string, Image>> = {
  // Most of what an answer needs dies young: a small nursery would have it copied.
  router: { workspace: "router", nodeOptions: "--max-semi-space-size=128" },
  ...Object.fromEntries(readdirSync("subgraphs").map((name) => [name, { workspace: `subgraphs/${name}` }])),
  "sandbox-provider": { workspace: "sandbox-provider" },
  "example-shop": { workspace: "embedded" },
};

const USAGE = `usage: npm run images -- [options] [${Object.keys(IMAGES).join("|")} ...]

Builds the images, all of them unless some are named, as <prefix><name>:<tag>, and tells how large each is.

  --prefix <text>   what goes before a name, such as registry.example/shop/   (supergraph-)
  --tag <text>      (latest)
  --version <text>  of the label; the package's own unless given
  --base <image>    what they are built on                                    (node:24-bookworm-slim)
  --sbom <folder>   writes what is in each image there, as <name>.cdx.json (CycloneDX)
  --push            pushes them, all built first
`;

const read = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 64_000_000, stdio: ["ignore", "pipe", "inherit"] }).trim();

const sizeOf = (image: string): number =>
  Number(read("docker", ["image", "inspect", "--format", "{{.Size}}", image])) / 1e6;

/** The remote without what somebody may have put into it to sign in. */
const source = (): string => {
  const { status, stdout } = spawnSync("git", ["remote", "get-url", "origin"], { encoding: "utf8" });
  // A folder of this machine is nobody else's source.
  if (status !== 0 || !/^(https|ssh|git@)/.test(stdout)) return "";
  return stdout.trim().replace(/\/\/[^@/]*@/, "//");
};

const run = (args: readonly string[]): number => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      prefix: { type: "string", default: "supergraph-" },
      tag: { type: "string", default: "latest" },
      version: { type: "string" },
      base: { type: "string", default: "node:24-bookworm-slim" },
      sbom: { type: "string" },
      push: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(IMAGES);
  const unknown = names.filter((name) => !(name in IMAGES));
  if (unknown.length > 0) {
    process.stderr.write(`There is no image ${unknown.join(", ")}.\n\n${USAGE}`);
    return 2;
  }
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  // Of the commit, not of the build: the same commit gives the same image.
  const labels = {
    VERSION: values.version ?? version,
    REVISION: read("git", ["rev-parse", "HEAD"]),
    CREATED: read("git", ["log", "-1", "--format=%cI"]),
    SOURCE: source(),
  };
  const built = names.map((name) => {
    const { workspace, nodeOptions = "" } = IMAGES[name] as Image;
    const image = `${values.prefix}${name}:${values.tag}`;
    const build = { NODE: values.base, WORKSPACE: workspace, NODE_OPTIONS: nodeOptions, ...labels };
    const buildArgs = Object.entries(build).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
    execFileSync("docker", ["build", "--file", "deploy/Dockerfile", ...buildArgs, "--tag", image, "."], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (values.sbom !== undefined) {
      mkdirSync(values.sbom, { recursive: true });
      const list = read("docker", ["run", "--rm", "--entrypoint", "cat", image, "/app/sbom.cdx.json"]);
      writeFileSync(join(values.sbom, `${name}.cdx.json`), `${list}\n`);
    }
    return image;
  });
  const base = sizeOf(values.base);
  for (const image of built) {
    const size = sizeOf(image);
    process.stdout.write(`${image}: ${size.toFixed(0)} MB, ${(size - base).toFixed(0)} MB over ${values.base}\n`);
  }
  if (values.push)
    for (const image of built) execFileSync("docker", ["push", image], { stdio: ["ignore", "inherit", "inherit"] });
  return 0;
};

process.exitCode = run(process.argv.slice(2));
