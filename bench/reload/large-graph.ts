import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

/**
 * A supergraph of many subgraphs, always the same for the same numbers. Each has ten types: four entities, four values, an
 * enum and an input; four root fields; and adds a field each to six entities of others, one of which needs a field of its
 * owner. Two versions differ in one field of every tenth subgraph.
 */
export type Version = "a" | "b";

export const TYPES_PER_SUBGRAPH = 10;
const SEED = 20_261_122;
const ENTITIES = 4;

export interface LargeGraph {
  readonly subgraphs: number;
  readonly types: number;
  readonly supergraphs: Readonly<Record<Version, string>>;
  /** Answered by one fetch. */
  readonly smallQuery: string;
  /** Operations that clients have in use, across subgraphs; no two alike. */
  operations(count: number): string[];
}

/** Composes it, or takes what a former run has composed. All subgraphs are said to be at `url`. */
export const createLargeGraph = async (subgraphs: number, url: string): Promise<LargeGraph> => ({
  subgraphs,
  types: subgraphs * TYPES_PER_SUBGRAPH,
  supergraphs: {
    a: at(url, await composed(subgraphs, "a")),
    b: at(url, await composed(subgraphs, "b")),
  },
  smallQuery: `query Small { entity0x0(id: "1") { id name } }`,
  operations: (count) => Array.from({ length: count }, (_, index) => crossingOperation(index, subgraphs)),
});

const PLACEHOLDER = "http://subgraph.invalid/";

const at = (url: string, sdl: string): string => sdl.replaceAll(PLACEHOLDER, url);

const composed = async (subgraphs: number, version: Version): Promise<string> => {
  const services = Array.from({ length: subgraphs }, (_, index) => ({
    name: `s${index}`,
    url: PLACEHOLDER,
    sdl: subgraphSdl(index, subgraphs, version),
  }));
  const hash = createHash("sha256").update(JSON.stringify(services)).digest("hex").slice(0, 16);
  const directory = join(tmpdir(), "supergraph-bench-composed");
  const path = join(directory, `${hash}.graphql`);
  const kept = await readFile(path, "utf8").catch(() => null);
  if (kept !== null) return kept;
  const result = composeServices(services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join("\n"));
  await mkdir(directory, { recursive: true });
  await writeFile(`${path}.${process.pid}`, result.supergraphSdl);
  await rename(`${path}.${process.pid}`, path);
  return result.supergraphSdl;
};

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@external", "@requires", "@shareable"])`;

export const subgraphSdl = (subgraph: number, subgraphs: number, version: Version): string => {
  const random = randomOf(SEED + subgraph);
  const below = (count: number): number => Math.floor(random() * count);
  const owned = Array.from({ length: ENTITIES }, (_, entity) => `Entity${subgraph}x${entity}`);
  const others = Array.from(
    { length: subgraphs === 1 ? 0 : 6 },
    () => `Entity${(subgraph + 1 + below(subgraphs - 1)) % subgraphs}x${below(ENTITIES)}`,
  );
  const values = Array.from({ length: 4 }, (_, value) => `Value${subgraph}x${value}`);
  const pick = (types: readonly string[]): string => types[below(types.length)] ?? "String";
  const scalars = ["String", "Int!", "Float", "Boolean", "[String!]!", "ID"];
  const fields = (prefix: string, count: number): string =>
    Array.from({ length: count }, (_, field) => `  ${prefix}${field}: ${pick(scalars)}`).join("\n");
  const extended = [...new Set(others)];
  return [
    LINK,
    `type Query {\n${owned.map((name) => `  ${lower(name)}(id: ID!, filter: Filter${subgraph}): ${name}`).join("\n")}\n}`,
    ...owned.map(
      (name, index) => `"""${name} of subgraph ${subgraph}."""
type ${name} @key(fields: "id") {
  id: ID!
  name: String
  weight: Int
  status: Status${subgraph}
  value: ${pick(values)}
  related: [${pick([...owned, ...extended])}!]
${fields("own", 4 + below(8))}${version === "b" && subgraph % 10 === 0 && index === 0 ? "\n  added: String" : ""}
}`,
    ),
    ...extended.map(
      (name, index) => `type ${name} @key(fields: "id") {
  id: ID!
${index === 0 ? `  weight: Int @external\n  by${subgraph}Required: Int @requires(fields: "weight")\n` : ""}  by${subgraph}: ${pick(owned)}
${fields(`by${subgraph}x`, 1 + below(3))}
}`,
    ),
    ...values.map((name) => `type ${name} {\n${fields("part", 3 + below(5))}\n  of: ${pick(owned)}\n}`),
    `enum Status${subgraph} { DRAFT ACTIVE RETIRED }`,
    `input Filter${subgraph} { status: Status${subgraph} text: String first: Int = 10 }`,
  ].join("\n");
};

/** Over up to five subgraphs; its field names are those that every entity has. */
export const crossingOperation = (index: number, subgraphs: number): string => {
  const random = randomOf(SEED * 2 + index);
  const fields = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, alias) => {
    const entity = `entity${Math.floor(random() * subgraphs)}x${Math.floor(random() * ENTITIES)}`;
    return `  a${alias}: ${entity}(id: "${index}") { id name weight status value { of { id name } } }`;
  });
  return `query Crossing${index} {\n${fields.join("\n")}\n}`;
};

const lower = (name: string): string => `${name[0]?.toLowerCase()}${name.slice(1)}`;

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};
