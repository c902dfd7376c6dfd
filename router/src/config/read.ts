import { completeLayers, type Layer } from "./complete.ts";
import { deploymentDefaults, readEnvironment, readSubgraphUrls } from "./environment.ts";
import { readConfigFile } from "./file.ts";
import type { CompleteRouterConfig } from "./settings.ts";

/** What was said on the command line. */
export interface Arguments {
  readonly supergraph?: string | undefined;
  readonly config?: string | undefined;
  readonly port?: number | undefined;
  readonly workers?: number | "auto" | undefined;
}

/**
 * The configuration of a router that is started as a process: what the command line says goes before the environment,
 * that before the file, and that before the defaults.
 * @throws ConfigError naming everything that is wrong, where it stands, and what was expected.
 */
export const readRouterConfig = async (
  given: Arguments,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CompleteRouterConfig> => {
  const path = given.config ?? env.ROUTER_CONFIG;
  const file = path ? await readConfigFile(path, env) : NOTHING;
  const environment = readEnvironment(env);
  const layers = [
    deploymentDefaults(env),
    file,
    environment,
    readSubgraphUrls(env, overridden(file)),
    fromArguments(given),
  ];
  return completeLayers(withOneSupergraph(layers));
};

const NOTHING: Layer = { values: {}, locate: () => undefined };

const overridden = ({ values: { subgraphs } }: Layer): string[] => {
  const overrides = isObject(subgraphs) ? subgraphs.overrides : undefined;
  return isObject(overrides) ? Object.keys(overrides) : [];
};

const fromArguments = ({ supergraph, port, workers }: Arguments): Layer => {
  const values = {
    ...(supergraph === undefined
      ? {}
      : { supergraph: /^https?:\/\//.test(supergraph) ? { url: supergraph } : { path: supergraph } }),
    ...(port === undefined ? {} : { server: { port } }),
    ...(workers === undefined ? {} : { workers }),
  };
  const options: Readonly<Record<string, string>> = {
    supergraph: "--supergraph",
    server: "--port",
    workers: "--workers",
  };
  return {
    values,
    locate: ([name]) => (name !== undefined && Object.hasOwn(values, name) ? options[String(name)] : undefined),
  };
};

const SOURCES = ["path", "url", "registry", "sdl"] as const;

/** Another layer's source replaces the one below it, whatever kind it is of. */
const withOneSupergraph = (layers: readonly Layer[]): Layer[] => {
  const naming = layers.filter(({ values }) => SOURCES.some((kind) => has(values.supergraph, kind)));
  const last = naming.at(-1);
  // The same kind goes setting by setting: the URL of a registry may stand elsewhere than its environment.
  const others = SOURCES.filter((kind) => !has(last?.values.supergraph, kind));
  return layers.map((layer) => (naming.includes(layer) && layer !== last ? without(layer, others) : layer));
};

const without = (layer: Layer, kinds: readonly string[]): Layer => {
  const kept = Object.entries(layer.values.supergraph as Record<string, unknown>).filter(
    ([name]) => !kinds.includes(name),
  );
  return { ...layer, values: { ...layer.values, supergraph: Object.fromEntries(kept) } };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const has = (value: unknown, key: string): boolean => isObject(value) && value[key] !== undefined;
