import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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
  ...Object.fromEntries(
    readdirSync("subgraphs")
      .filter((name) => existsSync(join("subgraphs", name, "package.json")))
      .map((name) => [name, { workspace: `subgraphs/${name}` }]),
  ),
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
  --digests <file>  with --push: writes which were pushed there, as JSON: [{"name", "repository", "digest"}]
`;

const read = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", maxBuffer: 64_000_000, stdio: ["ignore", "pipe", "inherit"] }).trim();

/** In MB; null for an image that Docker has not by its name, as the base that a build has fetched for itself. */
const sizeOf = (image: string): number | null => {
  const { status, stdout } = spawnSync("docker", ["image", "inspect", "--format", "{{.Size}}", image], {
    encoding: "utf8",
  });
  return status === 0 ? Number(stdout) / 1e6 : null;
};

/** By which the registry has it. */
const digestOf = (image: string): { readonly repository: string; readonly digest: string } => {
  const repository = image.slice(0, image.lastIndexOf(":"));
  const known: unknown = JSON.parse(read("docker", ["image", "inspect", "--format", "{{json .RepoDigests}}", image]));
  const digest = (known as string[]).find((one) => one.startsWith(`${repository}@`))?.slice(repository.length + 1);
  if (digest === undefined) throw new Error(`Docker knows no digest of ${image} in its registry.`);
  return { repository, digest };
};

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
      digests: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.digests !== undefined && !values.push) {
    process.stderr.write(`An image has a digest once it is pushed: --digests goes with --push.\n\n${USAGE}`);
    return 2;
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
    return { name, image };
  });
  const base = sizeOf(values.base);
  for (const { image } of built) {
    const size = sizeOf(image);
    if (size === null) throw new Error(`Docker has built no ${image}.`);
    const over = base === null ? "" : `, ${(size - base).toFixed(0)} MB over ${values.base}`;
    process.stdout.write(`${image}: ${size.toFixed(0)} MB${over}\n`);
  }
  if (!values.push) return 0;
  const pushed = built.map(({ name, image }) => {
    execFileSync("docker", ["push", image], { stdio: ["ignore", "inherit", "inherit"] });
    return { name, ...digestOf(image) };
  });
  if (values.digests !== undefined) writeFileSync(values.digests, `${JSON.stringify(pushed)}\n`);
  return 0;
};

process.exitCode = run(process.argv.slice(2));
