import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NewSubgraphError } from "./error.ts";
import { environmentOf } from "./names.ts";
import type { Plan } from "./wiring/edit.ts";

export interface GeneratedFile {
  /** From the repository's root, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** What templates are filled with. */
export interface Values extends Plan {
  /** The description of the extended type, as SDL. */
  readonly ownerDescription: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly node: string;
}

/** The files of a folder of templates, below `target`: `{{…}}` is filled in, in paths as in texts. */
export const renderTemplates = (folder: string, target: string, values: Values): readonly GeneratedFile[] => {
  const root = join(fileURLToPath(new URL("templates", import.meta.url)), folder);
  const fields = fieldsOf(values);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ENDING))
    .map((path) => ({
      path: `${target}/${fill(path.slice(0, -ENDING.length).replaceAll("\\", "/"), path, fields)}`,
      text: fill(readFileSync(join(root, path), "utf8"), path, fields),
    }));
};

/** Of templates: they are neither linted nor compiled, and what they are of shows before it. */
const ENDING = ".tpl";

const fieldsOf = (values: Values): Readonly<Record<string, string>> => {
  const { subgraph, entity, entities, owner, owners } = values;
  return {
    ...values.versions,
    node: values.node,
    port: String(values.port),
    prefix: values.prefix,
    name: subgraph.kebab,
    "name camel": subgraph.camel,
    Name: subgraph.pascal,
    NAME: environmentOf(subgraph),
    words: entity.words,
    "plural words": entities.words,
    entity: entity.camel,
    "entity-file": entity.kebab,
    Entity: entity.pascal,
    entities: entities.camel,
    "entities-file": entities.kebab,
    Entities: entities.pascal,
    table: entities.snake,
    owner: owner.camel,
    Owner: owner.pascal,
    owner_column: `${owner.snake}_id`,
    "owner words": owner.words,
    "owner plural words": owners.words,
    "owner description": values.ownerDescription,
  };
};

const fill = (text: string, path: string, fields: Readonly<Record<string, string>>): string =>
  text.replace(/\{\{([\w -]+)\}\}/g, (_match, field: string) => {
    const value = fields[field];
    if (value === undefined)
      throw new NewSubgraphError("UNEXPECTED_FILE", `The template ${path} names {{${field}}}, which there is not.`);
    return value;
  });
