import { ConfigError } from "@supergraph/service";
import { variableName } from "../config/environment.ts";
import type { CompleteRouterConfig } from "../config/settings.ts";
import type { HeaderRules } from "../subgraphs/headers.ts";
import type { SubgraphSettings } from "../subgraphs/settings.ts";

/** How one subgraph is to be called. */
export interface SubgraphTarget {
  readonly name: string;
  /** One a replica. */
  readonly urls: readonly string[];
  readonly settings: SubgraphSettings;
  readonly headers: HeaderRules;
}

export interface SubgraphTargets {
  readonly targets: readonly SubgraphTarget[];
  /** Overrides of the configuration that are of no subgraph: a mistake, or what is left of one that is no more. */
  readonly unused: readonly string[];
}

/**
 * Applies the configuration to the subgraphs of a supergraph. Names are compared as environment variables spell them.
 * @throws ConfigError for a subgraph without an HTTP URL.
 */
export const subgraphTargets = (
  subgraphs: readonly { readonly name: string; readonly url: string }[],
  { headers, subgraphs: { defaults, overrides } }: Pick<CompleteRouterConfig, "headers" | "subgraphs">,
): SubgraphTargets => {
  const byName = new Map(Object.entries(overrides).map(([name, override]) => [variableName(name), override]));
  const known = new Set(subgraphs.map(({ name }) => variableName(name)));
  const targets = subgraphs.map(({ name, url: own }) => {
    const override = byName.get(variableName(name)) ?? { ...defaults, url: undefined, urls: undefined, headers: [] };
    const { url, urls, headers: added, ...settings } = override;
    const called = urls ?? [url ?? own];
    if (!called.every(isHttpUrl))
      throw new ConfigError(
        `The subgraph ${name} has no HTTP URL. Example: SUBGRAPH_URL_${variableName(name)}=http://localhost:4001/graphql`,
      );
    return { name, urls: called, settings, headers: [...headers, ...added] };
  });
  return { targets, unused: Object.keys(overrides).filter((name) => !known.has(variableName(name))) };
};

const isHttpUrl = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
