import { ConfigError } from "@supergraph/service";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { type CompleteRouterConfig, type RouterConfig, RouterSettings } from "./settings.ts";

export type SettingPath = readonly PropertyKey[];

/** Settings from one place. */
export interface Layer {
  readonly values: Readonly<Record<string, unknown>>;
  /** Says where a setting stands: `router.yaml:3:5`, `ROUTER_PORT`. Undefined when it does not stand here. */
  locate(path: SettingPath): string | undefined;
}

/**
 * Fills in every default. What a subgraph's override leaves open is as `subgraphs.defaults` says.
 * @throws ConfigError naming every setting that is wrong, what was expected, and for an unknown one what it resembles.
 */
export const completeConfig = (config: RouterConfig): CompleteRouterConfig =>
  completeLayers([{ values: config, locate: () => undefined }]);

/** As {@link completeConfig}, of several layers: later ones win, setting by setting. */
export const completeLayers = (layers: readonly Layer[]): CompleteRouterConfig => {
  const merged = layers.reduce<Values>((below, { values }) => merge(below, values), {});
  const result = RouterSettings.safeParse(withSubgraphDefaults(merged));
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => describe(issue, layers));
  throw new ConfigError([...new Set(lines)].join("\n"));
};

type Values = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Objects become one, setting by setting; anything else is replaced, and what is undefined replaces nothing. */
const merge = (below: Values, above: Values): Values => {
  const merged: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) {
    if (value === undefined) continue;
    const former = merged[name];
    merged[name] = isObject(former) && isObject(value) ? merge(former, value) : value;
  }
  return merged;
};

const withSubgraphDefaults = (values: Values): Values => {
  const { subgraphs } = values;
  if (!isObject(subgraphs) || !isObject(subgraphs.overrides)) return values;
  const { defaults } = subgraphs;
  if (!isObject(defaults)) return values;
  const overrides = Object.entries(subgraphs.overrides).map(([name, own]) => [
    name,
    isObject(own) ? merge(defaults, own) : own,
  ]);
  return { ...values, subgraphs: { ...subgraphs, overrides: Object.fromEntries(overrides) } };
};

type Issue = z.core.$ZodIssue;

const describe = (issue: Issue, layers: readonly Layer[], above: SettingPath = []): string[] => {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    // The alternative that got furthest is the one that was meant.
    const meant = issue.errors.find((issues) => issues.some((one) => one.path.length > 0 || "keys" in one));
    if (meant) return meant.flatMap((one) => describe(one, layers, path));
  }
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => {
      const known = settingsAt(path);
      const meant = known.length > 0 ? closest(key, known) : undefined;
      const suggestion = meant === undefined ? "" : ` Did you mean \`${meant}\`?`;
      return `${place([...path, key], layers)}there is no such setting.${suggestion}`;
    });
  return [`${place(path, layers)}${issue.message}`];
};

/** The setting, and where it is set; for one that is missing, where what should hold it is. */
const place = (path: SettingPath, layers: readonly Layer[]): string => {
  const name = path.map(String).join(".");
  for (let length = path.length; length > 0; length -= 1)
    for (const { locate } of layers.toReversed()) {
      const found = locate(path.slice(0, length));
      if (found !== undefined) return `${found}: ${name === "" ? "" : `${name}: `}`;
    }
  return name === "" ? "" : `${name}: `;
};

/** The names that may stand at `path`. */
const settingsAt = (path: SettingPath): string[] => {
  let schemas: z.core.$ZodType[] = [RouterSettings];
  for (const key of path) schemas = schemas.flatMap(alternatives).flatMap((schema) => below(schema, key));
  return schemas
    .flatMap(alternatives)
    .flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []));
};

const below = (schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] => {
  if (schema instanceof z.ZodObject) {
    const found = (schema.shape as Record<PropertyKey, z.core.$ZodType | undefined>)[key];
    return found ? [found] : [];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return schema instanceof z.ZodArray ? [schema.element] : [];
};

/** What a setting may be, without what wraps it: a default, null. */
const alternatives = (schema: z.core.$ZodType): z.core.$ZodType[] => {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives);
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  )
    return alternatives(schema.unwrap());
  return [schema];
};
