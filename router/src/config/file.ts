import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "@supergraph/service";
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parse, parseDocument, visit } from "yaml";
import type { Layer, SettingPath } from "./complete.ts";

/**
 * Reads a configuration file: YAML (or JSON, which is YAML), or a module with a default export. In YAML, `${NAME}` and
 * `${NAME:-otherwise}` stand for variables of `env`; a value that is nothing but an unquoted variable is read as YAML itself.
 * @throws ConfigError when it cannot be read, is not valid, or names a variable that is not set.
 */
export const readConfigFile = (path: string, env: Readonly<Record<string, string | undefined>>): Promise<Layer> =>
  [".ts", ".mts", ".js", ".mjs"].includes(extname(path)) ? readModule(path) : readYaml(path, env);

const readYaml = async (path: string, env: Readonly<Record<string, string | undefined>>): Promise<Layer> => {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new ConfigError(`${path} cannot be read: ${messageOf(error)}`);
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw new ConfigError(document.errors.map(({ message, pos }) => `${at(pos[0])}: ${message}`).join("\n"));
  const missing: string[] = [];
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== "string") return;
      const { text: expanded, unset } = expand(node.value, env);
      missing.push(
        ...unset.map(
          (name) => `${at(node.range?.[0])}: the variable ${name} is not set: set it, or write \${${name}:-…}.`,
        ),
      );
      // As it would be read if it stood there: a number, a flag, a key as JSON.
      const isWhole = node.type === "PLAIN" && /^\$\{[^}]*\}$/.test(node.value);
      node.value = isWhole && unset.length === 0 ? (parse(expanded) as unknown) : expanded;
    },
  });
  if (missing.length > 0) throw new ConfigError(missing.join("\n"));
  const values: unknown = document.toJS();
  return { values: asSettings(values, path), locate: (setting) => locateIn(document, setting, at) };
};

const expand = (
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): { text: string; unset: readonly string[] } => {
  const unset: string[] = [];
  const expanded = text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => {
    const value = env[name] || otherwise;
    if (value === undefined) unset.push(name);
    return value ?? "";
  });
  return { text: expanded, unset };
};

const locateIn = (document: Document, setting: SettingPath, at: (offset: number) => string): string | undefined => {
  const parent: unknown = setting.length > 1 ? document.getIn(setting.slice(0, -1), true) : document.contents;
  const last = setting.at(-1);
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
  const node: unknown = pair && isPair(pair) ? pair.key : document.getIn(setting, true);
  return isNode(node) && node.range ? at(node.range[0]) : undefined;
};

const readModule = async (path: string): Promise<Layer> => {
  const loaded = (await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    const hint = /\.m?ts"|Unknown file extension/.test(messageOf(error))
      ? " TypeScript is loaded by Node.js 22.18 or newer, or by `npm run router`; elsewhere use YAML or JavaScript."
      : "";
    throw new ConfigError(`${path} cannot be loaded: ${messageOf(error)}.${hint}`);
  })) as { readonly default?: unknown };
  if (loaded.default === undefined) throw new ConfigError(`${path} has no default export: expected the configuration.`);
  return {
    values: asSettings(loaded.default, path),
    locate: (setting) => (has(loaded.default, setting) ? path : undefined),
  };
};

const has = (value: unknown, path: SettingPath): boolean => {
  let found = value;
  for (const key of path) {
    if (typeof found !== "object" || found === null || !(key in found)) return false;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return true;
};

const asSettings = (values: unknown, path: string): Record<string, unknown> => {
  if (values === null) return {};
  if (typeof values === "object" && !Array.isArray(values)) return values as Record<string, unknown>;
  throw new ConfigError(`${basename(path)} must hold settings by their names, such as \`server: { port: 4000 }\`.`);
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
