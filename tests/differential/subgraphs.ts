import type { Random } from "../faults/random.ts";

/** A subgraph's SDL under its name, such as `s1`. */
export type Subgraphs = Readonly<Record<string, string>>;

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@interfaceObject"])`;

const LEAVES = ["Int", "Float", "String", "Boolean", "ID", "Colour", "Anything"] as const;

interface Field {
  readonly name: string;
  /** Without its arguments. */
  readonly type: string;
  /** Whether it stands in the SDL with arguments. */
  readonly takesArguments: boolean;
}

/** An entity, with the fields that each subgraph answers. */
interface Entity {
  readonly name: string;
  readonly owner: string;
  readonly hasCode: boolean;
  readonly fields: Map<string, Field[]>;
  /** By subgraph: fields that need others, with those. */
  readonly derived: Map<string, { readonly field: Field; readonly requires: readonly Field[] }[]>;
}

/**
 * Subgraphs that usually compose: entities with fields of several subgraphs, interfaces, unions, value types, interface
 * objects, lists of lists, `@requires` chains, shared fields, custom scalars, mutations.
 */
export const generateSubgraphs = (random: Random): Subgraphs => {
  const names = Array.from({ length: random.integer(2, 4) }, (_, index) => `s${index + 1}`);
  const entities = Array.from(
    { length: random.integer(2, 5) },
    (_, index): Entity => ({
      name: `E${index}`,
      owner: random.pick(names),
      hasCode: random.fraction() < 0.4,
      fields: new Map(),
      derived: new Map(),
    }),
  );
  const chance = (share: number) => random.fraction() < share;

  const wrapped = (type: string): string => {
    const item = chance(0.3) ? `${type}!` : type;
    if (chance(0.08)) return `[[${item}]${chance(0.3) ? "!" : ""}]${chance(0.3) ? "!" : ""}`;
    if (chance(0.25)) return `[${item}]${chance(0.3) ? "!" : ""}`;
    return item;
  };
  const leaf = (): string => wrapped(random.pick(LEAVES));
  const anyType = (): string => {
    if (chance(0.5)) return leaf();
    return wrapped(random.pick([...entities.map(({ name }) => name), "Value", "Named", "Either"]));
  };
  const field = (name: string, type: string): Field => ({ name, type, takesArguments: chance(0.2) });

  for (const entity of entities)
    for (const [index, subgraph] of names.entries()) {
      if (subgraph !== entity.owner && chance(0.4)) continue;
      const fields = Array.from({ length: random.integer(1, 3) }, (_, number) =>
        field(`f${index}${number}`, anyType()),
      );
      entity.fields.set(subgraph, fields);
    }
  for (const entity of entities)
    for (const subgraph of entity.fields.keys()) {
      if (chance(0.5)) continue;
      const others = [...entity.fields].flatMap(([other, fields]) =>
        other === subgraph ? [] : fields.filter(({ type, takesArguments }) => !takesArguments && isLeaf(type)),
      );
      // What is derived elsewhere may be required in turn.
      for (const [other, derived] of entity.derived)
        if (other !== subgraph) others.push(...derived.map((one) => one.field).filter(({ type }) => isLeaf(type)));
      if (others.length === 0) continue;
      const requires = random.sample(others, random.integer(1, 2));
      entity.derived.set(subgraph, [
        { field: { name: `d${subgraph}`, type: leaf(), takesArguments: false }, requires },
      ]);
    }
  const hasMedia = chance(0.5);
  const mediaOwner = random.pick(names);
  const mediaGuest = random.pick(names);
  const shared = chance(0.5) ? entities.filter(() => chance(0.5)) : [];

  return Object.fromEntries(
    names.map((subgraph, index) => {
      const types = entities.map((entity) => entitySdl(entity, subgraph, shared.includes(entity)));
      const media =
        !hasMedia || (subgraph !== mediaOwner && subgraph !== mediaGuest)
          ? ""
          : subgraph === mediaOwner
            ? `interface Media @key(fields: "id") { id: ID! label: String }
type Film implements Media @key(fields: "id") { id: ID! label: String minutes: Int }
type Song implements Media @key(fields: "id") { id: ID! label: String beats: Float }`
            : `type Media @key(fields: "id") @interfaceObject { id: ID! rating: Int comments: [String!] }`;
      const roots = [
        ...entities.flatMap(({ name, fields }) =>
          fields.has(subgraph)
            ? [`one${name}_${subgraph}(n: Int = 1): ${name}`, `all${name}_${subgraph}: ${wrapped(name)}`]
            : [],
        ),
        `value_${subgraph}(in: In, text: String = "t"): Value`,
        `named_${subgraph}: ${wrapped("Named")}`,
        `either_${subgraph}: [Either]`,
        `leaf_${subgraph}: ${leaf()}`,
        ...(media ? [`media_${subgraph}: [Media]`] : []),
      ];
      const sdl = `${LINK}
scalar Anything
enum Colour { RED GREEN BLUE }
input In { n: Int = 3, s: String, deep: In }
type Value @shareable { text: String number: Int! more: Value colour: Colour }
interface Named { id: ID! }
union Either = ${[...entities.map(({ name }) => name), "Value"].join(" | ")}
${types.join("\n")}
${media}
type Query { ${roots.join("\n  ")} }
type Mutation { change_${subgraph}(n: Int, in: In): ${random.pick(entities).name} touch_${index}_${subgraph}: Int }
`;
      return [subgraph, sdl];
    }),
  );
};

const isLeaf = (type: string): boolean => LEAVES.some((leaf) => type.replace(/[[\]!]/g, "") === leaf);

/** Every subgraph may refer to every entity; those that answer nothing of it know its key alone. */
const entitySdl = (entity: Entity, subgraph: string, isShared: boolean): string => {
  const { name, owner, hasCode } = entity;
  const own = entity.fields.get(subgraph);
  const key = `@key(fields: "id"${own ? "" : ", resolvable: false"})`;
  if (!own) return `type ${name} implements Named ${key} { id: ID! }`;
  const derived = entity.derived.get(subgraph) ?? [];
  const externals = new Map(derived.flatMap(({ requires }) => requires.map((field) => [field.name, field] as const)));
  const members = [
    "id: ID!",
    ...(hasCode ? [`code: String! @shareable`] : []),
    ...(isShared ? [`same: String @shareable`] : []),
    ...own.map(fieldSdl),
    ...[...externals.values()].map((field) => `${fieldSdl(field)} @external`),
    ...derived.map(
      ({ field, requires }) => `${fieldSdl(field)} @requires(fields: "${requires.map((one) => one.name).join(" ")}")`,
    ),
  ];
  const codeKey = hasCode && subgraph === owner ? ` @key(fields: "code")` : "";
  return `type ${name} implements Named ${key}${codeKey} { ${members.join(" ")} }`;
};

const fieldSdl = ({ name, type, takesArguments }: Field): string =>
  `${name}${takesArguments ? "(n: Int = 2, c: Colour, list: [Int!])" : ""}: ${type}`;
