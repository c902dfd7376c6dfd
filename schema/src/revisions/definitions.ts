import {
  type ASTNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type NamedTypeNode,
  type NameNode,
  type TypeNode,
} from "graphql";
import type { Location, Side } from "../findings/finding.ts";
import { rootNames } from "./root-names.ts";

/** Where a subgraph defines a coordinate. */
export interface Definition {
  readonly subgraph: string;
  /** The definition, or extension; its name has the place. */
  readonly node: ASTNode & {
    readonly directives?: readonly DirectiveNode[];
    readonly type?: TypeNode;
    readonly name: NameNode;
  };
  readonly path: string;
}

/** A subgraph with its text parsed. */
export interface ParsedSubgraph {
  readonly name: string;
  readonly url: string;
  readonly path: string;
  readonly sdl: string;
  readonly document: DocumentNode;
}

/**
 * Every coordinate that the subgraphs define, by GraphQL's schema coordinates: `Product`, `Product.price`,
 * `Query.products(first:)`, `Role.ADMIN`, `@cost`, `@cost(weight:)`. A type has an entry for each definition and extension. A root type
 * that a subgraph calls otherwise is there by its own name and by the API's.
 */
export interface Definitions {
  of(coordinate: string): readonly Definition[];
  /**
   * As {@link of}; of a field that no subgraph gives the type itself, the fields of its interfaces in subgraphs where an object stands for
   * these (`@interfaceObject`).
   */
  providing(coordinate: string): readonly Definition[];
  /** All of them, in the order of subgraphs and texts. */
  all(): Iterable<readonly [coordinate: string, definitions: readonly Definition[]]>;
  /** The subgraphs that define it, and where. Of a coordinate that no subgraph has, what its parent's are. */
  locate(coordinate: string): { readonly subgraphs: readonly string[]; readonly locations: readonly Location[] };
  locationOf(definition: Definition): Location;
  /** The innermost coordinate whose definition is around `offset` of a file, by the API's name; null outside of all. */
  at(path: string, offset: number): string | null;
}

export const indexDefinitions = (subgraphs: readonly ParsedSubgraph[], side: Side): Definitions => {
  const index = new Map<string, Definition[]>();
  const byPath = new Map<string, { coordinate: string; start: number; end: number }[]>();
  for (const { name, path, document } of subgraphs) {
    const spans: { coordinate: string; start: number; end: number }[] = [];
    byPath.set(path, spans);
    const renamed = new Map([...rootNames(document)].filter(([its, api]) => its !== api));
    const add = (coordinate: string, definition: Definition): void => {
      const known = index.get(coordinate);
      if (known) known.push(definition);
      else index.set(coordinate, [definition]);
    };
    visitDefinitions(document, (coordinate, node) => {
      const definition = { subgraph: name, node, path };
      add(coordinate, definition);
      const inApi = renamed.size === 0 ? coordinate : byApiName(coordinate, renamed);
      if (inApi !== coordinate) add(inApi, definition);
      spans.push({ coordinate: inApi, start: node.loc?.start ?? 0, end: node.loc?.end ?? 0 });
    });
  }
  const of = (coordinate: string): readonly Definition[] => index.get(coordinate) ?? [];
  const providing = (coordinate: string): readonly Definition[] => {
    const own = of(coordinate);
    const [type = "", field] = coordinate.split(".");
    if (own.length > 0 || field === undefined) return own;
    return interfacesOf(of(type)).flatMap((name) => {
      const objects = of(name).filter(({ node }) => node.kind === Kind.OBJECT_TYPE_DEFINITION);
      return of(`${name}.${field}`).filter((one) => objects.some(({ subgraph }) => subgraph === one.subgraph));
    });
  };
  return {
    of,
    providing,
    all: () => index.entries(),
    locate(coordinate) {
      for (const candidate of [coordinate, ...ancestorsOf(coordinate)]) {
        const found = providing(candidate);
        if (found.length > 0)
          return {
            subgraphs: [...new Set(found.map(({ subgraph }) => subgraph))],
            locations: found.map((definition) => locationOf(definition, side)),
          };
      }
      return { subgraphs: [], locations: [] };
    },
    locationOf: (definition) => locationOf(definition, side),
    // Outer ones are visited first.
    at: (path, offset) =>
      byPath.get(path)?.findLast(({ start, end }) => start <= offset && offset < end)?.coordinate ?? null,
  };
};

const byApiName = (coordinate: string, roots: ReadonlyMap<string, string>): string => {
  const [type = ""] = coordinate.split(".", 1);
  return (roots.get(type) ?? type) + coordinate.slice(type.length);
};

const interfacesOf = (types: readonly Definition[]): readonly string[] => [
  ...new Set(
    types.flatMap(({ node }) =>
      node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION
        ? (node.interfaces ?? []).map(({ name }) => name.value)
        : [],
    ),
  ),
];

export const locationOf = ({ node, path }: Pick<Definition, "node" | "path">, side: Side): Location =>
  placeOf(node.name, path, side);

/** Where any node of a text that was parsed with its places stands. */
export const placeOf = (node: ASTNode, path: string, side: Side): Location => ({
  path,
  line: node.loc?.startToken.line ?? 1,
  column: node.loc?.startToken.column ?? 1,
  side,
});

/** `A.b(c:)` → `A.b`, `A`. */
export const ancestorsOf = (coordinate: string): string[] => {
  const withoutArgument = /^(.*)\([^)]*\)$/.exec(coordinate)?.[1];
  if (withoutArgument !== undefined) return [withoutArgument, ...ancestorsOf(withoutArgument)];
  const dot = coordinate.indexOf(".");
  return dot > 0 ? [coordinate.slice(0, dot)] : [];
};

/** The name of the type, without lists and non-null. */
export const namedTypeOf = (type: TypeNode): NamedTypeNode =>
  type.kind === Kind.NAMED_TYPE ? type : namedTypeOf(type.type);

type Visit = (coordinate: string, node: Definition["node"]) => void;

const visitDefinitions = (document: DocumentNode, visit: Visit): void => {
  for (const definition of document.definitions) {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        visit(definition.name.value, definition);
        for (const field of definition.fields ?? []) {
          const coordinate = `${definition.name.value}.${field.name.value}`;
          visit(coordinate, field);
          for (const argument of field.arguments ?? []) visit(`${coordinate}(${argument.name.value}:)`, argument);
        }
        break;
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_EXTENSION:
        visit(definition.name.value, definition);
        for (const field of definition.fields ?? []) visit(`${definition.name.value}.${field.name.value}`, field);
        break;
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION:
        visit(definition.name.value, definition);
        for (const value of definition.values ?? []) visit(`${definition.name.value}.${value.name.value}`, value);
        break;
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION:
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_EXTENSION:
        visit(definition.name.value, definition);
        break;
      case Kind.DIRECTIVE_DEFINITION:
        visit(`@${definition.name.value}`, definition);
        for (const argument of definition.arguments ?? [])
          visit(`@${definition.name.value}(${argument.name.value}:)`, argument);
        break;
      default:
    }
  }
};
