import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type EnumTypeDefinitionNode,
  Kind,
  parse,
  print,
  valueFromASTUntyped,
} from "graphql";

/**
 * Which subgraph has what of a supergraph. Read from the join directives that composition writes, whatever names the subgraphs
 * themselves import federation's directives by.
 */
export interface Ownership {
  /** In the supergraph's order. */
  readonly subgraphs: readonly OwningSubgraph[];
  /** By name, sorted. */
  readonly types: ReadonlyMap<string, OwnedType>;
}

export interface OwningSubgraph {
  readonly name: string;
  readonly url: string;
}

export type TypeShape = "object" | "interface" | "union" | "enum" | "input" | "scalar";

export interface OwnedType {
  readonly name: string;
  readonly shape: TypeShape;
  /** True where a subgraph gives it a key. */
  readonly isEntity: boolean;
  /** True of Query, Mutation and Subscription. */
  readonly isRoot: boolean;
  /** Of each subgraph that has it, in the order of subgraphs. */
  readonly parts: readonly TypePart[];
  /** The subgraph that resolves most of it: where it is at home. */
  readonly home: string;
}

/** What one subgraph has of a type. */
export interface TypePart {
  readonly subgraph: string;
  /** The selections that it is asked for by, or refers to it by. */
  readonly keys: readonly { readonly fields: string; readonly isResolvable: boolean }[];
  /** What the subgraph resolves, in the order of the supergraph; also the fields of keys. */
  readonly fields: readonly FieldPart[];
}

export interface FieldPart {
  readonly name: string;
  /** As SDL writes it: `[Order!]!`. */
  readonly type: string;
  /** The selection of other subgraphs' fields that it needs; null for none. */
  readonly requires: string | null;
}

export const readOwnership = (supergraphSdl: string): Ownership => {
  const document = parse(supergraphSdl, { noLocation: true });
  const subgraphs = graphsOf(document);
  const names = [...subgraphs.values()].map(({ name }) => name);
  const roots = rootNames(document);
  const types = new Map<string, OwnedType>();
  for (const definition of document.definitions) {
    const shape = SHAPES[definition.kind];
    if (shape === undefined || !("name" in definition) || definition.name === undefined) continue;
    const name = definition.name.value;
    // Those of specifications: `join__Graph`, `link__Import`.
    if (name.includes("__")) continue;
    const parts = partsOf(definition, subgraphs).sort((a, b) => names.indexOf(a.subgraph) - names.indexOf(b.subgraph));
    const isEntity = parts.some(({ keys }) => keys.length > 0);
    types.set(name, { name, shape, isEntity, isRoot: roots.has(name), parts, home: homeOf(parts) });
  }
  return {
    subgraphs: [...subgraphs.values()],
    types: new Map([...types].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
};

/** The leaves of a selection, as paths: `id organization { id }` has `id` and `organization.id`. `__typename` is none. */
export const leavesOf = (fields: string): string[] => {
  const leaves: string[] = [];
  const path: string[] = [];
  let last: string | null = null;
  const end = (): void => {
    if (last !== null && last !== "__typename") leaves.push([...path, last].join("."));
    last = null;
  };
  for (const [token] of fields.replaceAll(/\.\.\.\s*on\s+\w+/g, " ").matchAll(/[{}]|\w+/g)) {
    if (token === "{") {
      if (last !== null) path.push(last);
      else path.push("");
      last = null;
    } else if (token === "}") {
      end();
      path.pop();
    } else {
      end();
      last = token;
    }
  }
  end();
  return leaves.map((leaf) => leaf.split(".").filter(Boolean).join("."));
};

const SHAPES: Partial<Record<DefinitionNode["kind"], TypeShape>> = {
  [Kind.OBJECT_TYPE_DEFINITION]: "object",
  [Kind.INTERFACE_TYPE_DEFINITION]: "interface",
  [Kind.UNION_TYPE_DEFINITION]: "union",
  [Kind.ENUM_TYPE_DEFINITION]: "enum",
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: "input",
  [Kind.SCALAR_TYPE_DEFINITION]: "scalar",
};

/** By the enum value that stands for a subgraph in join directives. */
const graphsOf = (document: DocumentNode): ReadonlyMap<string, OwningSubgraph> => {
  const graphs = document.definitions.find(
    (one): one is EnumTypeDefinitionNode => one.kind === Kind.ENUM_TYPE_DEFINITION && one.name.value === "join__Graph",
  );
  return new Map(
    (graphs?.values ?? []).map((value) => {
      const [graph] = argumentsOf(value.directives, "join__graph");
      return [value.name.value, { name: String(graph?.name ?? value.name.value), url: String(graph?.url ?? "") }];
    }),
  );
};

const rootNames = (document: DocumentNode): ReadonlySet<string> =>
  new Set(
    document.definitions.flatMap((one) =>
      one.kind === Kind.SCHEMA_DEFINITION ? one.operationTypes.map(({ type }) => type.name.value) : [],
    ),
  );

const argumentsOf = (
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
): Readonly<Record<string, unknown>>[] =>
  (directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map((directive) =>
      Object.fromEntries((directive.arguments ?? []).map((one) => [one.name.value, valueFromASTUntyped(one.value)])),
    );

const partsOf = (definition: DefinitionNode, graphs: ReadonlyMap<string, OwningSubgraph>): TypePart[] => {
  if (!("directives" in definition)) return [];
  const joins = argumentsOf(definition.directives as readonly ConstDirectiveNode[], "join__type");
  const order = [...new Set(joins.map(({ graph }) => String(graph)))];
  return order.map((graph) => ({
    subgraph: graphs.get(graph)?.name ?? graph,
    keys: joins.flatMap((join) =>
      join.graph === graph && typeof join.key === "string"
        ? [{ fields: join.key, isResolvable: join.resolvable !== false }]
        : [],
    ),
    fields: fieldsOf(definition, graph),
  }));
};

const fieldsOf = (definition: DefinitionNode, graph: string): FieldPart[] => {
  if (!("fields" in definition)) return [];
  return (definition.fields ?? []).flatMap((field) => {
    const joins = argumentsOf(field.directives, "join__field");
    const join = joins.find((one) => one.graph === graph);
    // Without any, it is in each subgraph that has the type.
    if (joins.length > 0 && (!join || join.external === true || join.usedOverridden === true)) return [];
    const requires = typeof join?.requires === "string" ? join.requires : null;
    return [{ name: field.name.value, type: typeof join?.type === "string" ? join.type : print(field.type), requires }];
  });
};

/** Who resolves most of what nobody else does, then whoever comes first. */
const homeOf = (parts: readonly TypePart[]): string => {
  const holders = new Map<string, number>();
  for (const { fields } of parts) for (const { name } of fields) holders.set(name, (holders.get(name) ?? 0) + 1);
  const weight = ({ fields }: TypePart): number => fields.filter(({ name }) => holders.get(name) === 1).length;
  const [first, ...others] = parts;
  if (!first) return "";
  return others.reduce((best, part) => (weight(part) > weight(best) ? part : best), first).subgraph;
};
