import {
  type Artifact,
  createRegistry,
  decodeArtifact,
  openLive,
  openRecords,
  type Registry,
  RegistryError,
} from "@supergraph/registry";
import type { Shell } from "../program.ts";
import { UsageError } from "../usage-error.ts";
import { type RegistrySettings, readRegistrySettings } from "./settings.ts";

/**
 * Opens the registry that the environment names, for as long as `work` takes.
 * @throws UsageError when it cannot be reached, or what it holds cannot be used.
 */
export const withRegistry = <T>(
  { env, now }: Pick<Shell, "env" | "now">,
  work: (registry: Registry) => Promise<T>,
): Promise<T> =>
  told(async () => {
    const settings = readRegistrySettings(env);
    if (settings.records === null)
      throw new UsageError("SCHEMA_REGISTRY is not set: expected where the registry's records are.");
    const records = await openRecords(settings.records);
    const live = await openLive({ ...settings.live, ...publisher }).catch(async (error: unknown) => {
      await records.close();
      throw error;
    });
    const registry = createRegistry({ records, live, now });
    try {
      return await work(registry);
    } finally {
      await registry.close();
    }
  });

/**
 * What is live in an environment: by the records, or where only the broker is known, by what routers are told.
 * @throws UsageError when nothing is live there, the registry cannot be reached, or what it holds cannot be used.
 */
export const readLiveArtifact = (env: Shell["env"], environment: string): Promise<Artifact> =>
  told(async () => {
    const settings = readRegistrySettings(env);
    const artifact =
      settings.records === null ? await toldTo(settings, environment) : await recordedIn(settings.records, environment);
    if (artifact) return artifact;
    throw new UsageError(
      `Nothing was ever published to ${environment}: \`schema publish --all\` publishes a first version.`,
    );
  });

const recordedIn = async (url: string, environment: string): Promise<Artifact | null> => {
  const records = await openRecords(url);
  try {
    const latest = await records.latest(environment);
    if (latest === null) return null;
    return await decodeArtifact(latest.artifact, await records.artifact(latest.artifact));
  } finally {
    await records.close();
  }
};

const toldTo = async (settings: RegistrySettings, environment: string): Promise<Artifact | null> => {
  const live = await openLive({ ...settings.live, ...publisher, role: "router" });
  try {
    const pointer = await live.pointer(environment);
    if (pointer === null) return null;
    return await decodeArtifact(pointer.artifact, await live.artifact(pointer.artifact));
  } finally {
    await live.close();
  }
};

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const publisher = { name: "schema", role: "publisher", log: silent } as const;

const told = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RegistryError) throw new UsageError(error.message);
    throw error;
  }
};
