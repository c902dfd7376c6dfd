import { ConfigError, silentLogger } from "@supergraph/service";
import { type Arguments, readRouterConfig } from "./config/read.ts";
import { createSource } from "./generations/source.ts";
import { subgraphTargets } from "./generations/subgraph-targets.ts";
import { readFirst } from "./generations/supply.ts";
import { loadSupergraph } from "./planning/supergraph.ts";

/**
 * Says on stdout that a router could serve with this configuration.
 * @throws ConfigError when it could not.
 */
export const checkConfiguration = async (
  given: Arguments,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> => {
  const config = await readRouterConfig(given, env);
  const source = createSource(config.supergraph, silentLogger());
  const sdl = await readFirst(source).finally(() => source.close?.());
  const { facts } = loadSupergraph(sdl);
  const { targets, unused } = subgraphTargets(facts.subgraphs, config);
  const names = targets.map(({ name }) => name);
  if (unused.length > 0)
    throw new ConfigError(
      `subgraphs.overrides: ${unused.join(", ")}: the supergraph has no such subgraph. It has ${names.join(", ")}.`,
    );
  const guarded = facts.requirements.size;
  process.stdout.write(
    [
      `The configuration is in order. The supergraph of ${source.name} can be served.`,
      `Subgraphs: ${targets.map(({ name, urls }) => `${name} (${urls.join(", ")})`).join("; ")}`,
      ...(guarded > 0 && !config.authentication
        ? [`Nobody will see ${guarded} guarded types and fields: there is no \`authentication\`.`]
        : []),
      ...(config.signing ? [] : ["Requests to subgraphs are not signed: there is no `signing`."]),
      "",
    ].join("\n"),
  );
};
