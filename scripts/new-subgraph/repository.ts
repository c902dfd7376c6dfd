import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DocumentNode, Kind, type ObjectTypeDefinitionNode, parse, print } from "graphql";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { NewSubgraphError } from "./error.ts";
import type { Names } from "./names.ts";

/** What is in the repository already, as far as a new subgraph must fit to it. */
export interface Repository {
  readonly root: string;
  readonly subgraphs: readonly Subgraph[];
  /** Exact versions of packages that subgraphs depend on. */
  readonly versions: Readonly<Record<string, string>>;
  /** What `engines.node` of a subgraph is. */
  readonly node: string;
}

interface Subgraph {
  readonly name: string;
  readonly port: number;
  readonly sdl: DocumentNode;
}

/** The payment provider's, which is no subgraph and stands among their ports. */
const SANDBOX_PROVIDER_PORT = 4005;

const SupergraphFile = z.looseObject({
  subgraphs: z.record(z.string(), z.object({ routing_url: z.url(), schema: z.object({ file: z.string() }) })),
});

const PackageFile = z.looseObject({
  engines: z.object({ node: z.string() }),
  dependencies: z.record(z.string(), z.string()),
});

/** @throws NewSubgraphError UNEXPECTED_FILE */
export const readRepository = (root: string): Repository => {
  const { subgraphs } = SupergraphFile.parse(parseYaml(read(root, "schema/supergraph.yaml")));
  const packages = Object.keys(subgraphs).map((name) =>
    PackageFile.parse(JSON.parse(read(root, `subgraphs/${name}/package.json`))),
  );
  const [first] = packages;
  if (!first) throw new NewSubgraphError("UNEXPECTED_FILE", "schema/supergraph.yaml names no subgraph to take after.");
  return {
    root,
    node: first.engines.node,
    versions: Object.assign({}, ...packages.map(({ dependencies }) => dependencies)),
    subgraphs: Object.entries(subgraphs).map(([name, { routing_url, schema }]) => ({
      name,
      port: Number(new URL(routing_url).port),
      sdl: parse(read(root, join("schema", schema.file))),
    })),
  };
};

export const freePort = ({ subgraphs }: Repository): number =>
  1 + Math.max(SANDBOX_PROVIDER_PORT, ...subgraphs.map(({ port }) => port));

/**
 * The description that the entity has where it is owned, as it stands in SDL.
 * @throws NewSubgraphError UNKNOWN_ENTITY where no subgraph has it, or it has no key `id`.
 */
export const describeOwner = (repository: Repository, { owner }: Names): string => {
  const found = typesNamed(repository, owner.pascal).filter(hasIdAsKey);
  const [described] = found.filter(({ description }) => description);
  if (found.length === 0) {
    const known = new Set(
      repository.subgraphs.flatMap(({ sdl }) => objectTypes(sdl).filter(hasIdAsKey)).map(({ name }) => name.value),
    );
    throw new NewSubgraphError(
      "UNKNOWN_ENTITY",
      `No subgraph has an entity ${owner.pascal} with @key(fields: "id"). There are ${[...known].sort().join(", ")}: name one with --extends.`,
    );
  }
  return described?.description ? print(described.description) : `"A ${owner.words} of another subgraph."`;
};

/**
 * Nothing that is to be made is there already.
 * @throws NewSubgraphError NAME_TAKEN, FOLDER_NOT_EMPTY
 */
export const expectUnused = (repository: Repository, { subgraph, entity, entities, owner, prefix }: Names): void => {
  const { root, subgraphs } = repository;
  const taken = (message: string) => new NewSubgraphError("NAME_TAKEN", message);
  if (subgraphs.some(({ name }) => name === subgraph.kebab))
    throw taken(`There is a subgraph ${subgraph.kebab} already.`);
  const folder = join(root, "subgraphs", subgraph.kebab);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new NewSubgraphError(
      "FOLDER_NOT_EMPTY",
      `subgraphs/${subgraph.kebab} has something in it: move it away first.`,
    );
  for (const { name, sdl } of subgraphs) {
    const defined = new Set(sdl.definitions.flatMap((node) => ("name" in node && node.name ? [node.name.value] : [])));
    const types = ["", "Connection", "Edge", "Payload", "UserError", "ErrorCode"].map(
      (end) => `${entity.pascal}${end}`,
    );
    for (const type of [...types, `Create${entity.pascal}Input`])
      if (defined.has(type)) throw taken(`${name} has a type ${type} already: choose another name with --entity.`);
    const fields = new Set(
      objectTypes(sdl).flatMap(({ name: type, fields: all = [] }) =>
        all.map((field) => `${type.value}.${field.name.value}`),
      ),
    );
    for (const field of [
      `Query.${entity.camel}`,
      `Mutation.create${entity.pascal}`,
      `${owner.pascal}.${entities.camel}`,
    ])
      if (fields.has(field)) throw taken(`${name} has a field ${field} already: choose another name with --entity.`);
    if (prefixesOf(root, name).has(prefix))
      throw taken(`Ids that ${name} knows begin with ${prefix}_ already: choose another prefix with --prefix.`);
  }
};

export const read = (root: string, path: string): string => {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NewSubgraphError("UNEXPECTED_FILE", `${path} cannot be read: ${reason}`);
  }
};

/** Of ids that the subgraph makes. */
const prefixesOf = (root: string, name: string): ReadonlySet<string> => {
  const folder = join(root, "subgraphs", name, "src");
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const made = sources.flatMap((file) => [
    ...readFileSync(join(folder, file), "utf8").matchAll(/\b(?:newId|isId)\("([a-z]+)"/g),
  ]);
  return new Set(made.map(([, prefix = ""]) => prefix));
};

const objectTypes = (sdl: DocumentNode): ObjectTypeDefinitionNode[] =>
  sdl.definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION);

const typesNamed = ({ subgraphs }: Repository, name: string): ObjectTypeDefinitionNode[] =>
  subgraphs.flatMap(({ sdl }) => objectTypes(sdl).filter((type) => type.name.value === name));

const hasIdAsKey = ({ directives = [] }: ObjectTypeDefinitionNode): boolean =>
  directives.some(
    ({ name, arguments: given = [] }) =>
      name.value === "key" &&
      given.some(
        ({ name: argument, value }) =>
          argument.value === "fields" && value.kind === Kind.STRING && value.value.trim() === "id",
      ),
  );
