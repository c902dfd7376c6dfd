import {
  type ConstDirectiveNode,
  type DirectiveDefinitionNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type NameNode,
  OperationTypeNode,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from "graphql";
import { type LinkedDirectives, linkedDirectives } from "../changes/linked-directives.ts";
import type { ParsedSubgraph } from "../revisions/definitions.ts";
import { ownNames } from "./own-names.ts";

/** What one subgraph says of a coordinate. */
export interface Part<Node> {
  readonly subgraph: string;
  readonly path: string;
  readonly node: Node;
  /** What the subgraph calls federation's directives. */
  readonly linked: LinkedDirectives;
  /** Whether another subgraph resolves it, or what it is part of. */
  readonly isExternal: boolean;
}

export type TypeNodeOfSdl = TypeDefinitionNode | TypeExtensionNode;
export type TypeKind = "object" | "interface" | "union" | "enum" | "input" | "scalar";

/** A coordinate with what every subgraph says of it; there is at least one part. */
export interface Element<Node> {
  readonly coordinate: string;
  readonly name: string;
  readonly parts: readonly Part<Node>[];
}

export type Argument = Element<InputValueDefinitionNode>;
export type InputField = Element<InputValueDefinitionNode>;
export type EnumValue = Element<EnumValueDefinitionNode>;

export interface Field extends Element<FieldDefinitionNode> {
  readonly arguments: ReadonlyMap<string, Argument>;
}

export interface Directive extends Element<DirectiveDefinitionNode> {
  readonly arguments: ReadonlyMap<string, Argument>;
}

/** A type by its name in the SDL, joined over all subgraphs. */
export interface Type extends Element<TypeNodeOfSdl> {
  /** Of a name that subgraphs disagree about, an interface where one of them says so: for others it is an `@interfaceObject`. */
  readonly kind: TypeKind;
  /** Which root it is, `schema { query: Root }` respected; null for all others. */
  readonly root: OperationTypeNode | null;
  readonly isEntity: boolean;
  readonly fields: ReadonlyMap<string, Field>;
  readonly inputFields: ReadonlyMap<string, InputField>;
  readonly values: ReadonlyMap<string, EnumValue>;
  /** What it implements. */
  readonly interfaces: ReadonlySet<string>;
  /** Of a union. */
  readonly members: ReadonlySet<string>;
}

/** What the teams wrote: nothing of federation's own, such as `_entities` or `federation__FieldSet`. */
export interface LintGraph {
  readonly types: ReadonlyMap<string, Type>;
  readonly directives: ReadonlyMap<string, Directive>;
  /** By an interface or union: what may be in its place. */
  readonly possibleTypes: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Joins the subgraphs in one pass over each. */
export const joinSubgraphs = (subgraphs: readonly ParsedSubgraph[]): LintGraph => {
  const types = new Map<string, MutableType>();
  const directives = new Map<string, MutableWithArguments<DirectiveDefinitionNode>>();
  for (const { name: subgraph, path, document } of subgraphs) {
    const linked = linkedDirectives(document);
    const own = ownNames(document);
    const roots = rootsOf(document);
    const part: MakePart = (node, inside) => ({
      subgraph,
      path,
      node,
      linked,
      isExternal: inside?.isExternal === true || directiveOf(node, linked, "external") !== undefined,
    });
    for (const node of document.definitions) {
      if (node.kind === Kind.DIRECTIVE_DEFINITION) {
        if (own.isOwnDirective(node.name.value)) addWithArguments(directives, `@${node.name.value}`, part(node), part);
      } else if (isTypeOfSdl(node) && own.isOwnType(node.name.value)) addType(types, node, roots, part);
    }
  }
  return { types, directives, possibleTypes: possibleTypesOf(types) };
};

/** Whether clients cannot see it: one subgraph's word suffices. */
export const isInaccessible = ({ parts }: Element<WithDirectives>): boolean =>
  parts.some(({ node, linked }) => directiveOf(node, linked, "inaccessible") !== undefined);

/** Federation's directive of that name, whatever the subgraph calls it. */
export const directiveOf = (
  { directives }: WithDirectives,
  linked: LinkedDirectives,
  specified: string,
): ConstDirectiveNode | undefined =>
  // Most have none, and there are very many of them.
  directives === undefined || directives.length === 0
    ? undefined
    : directives.find(({ name }) => linked.specified(name.value) === specified);

interface WithDirectives {
  readonly directives?: readonly ConstDirectiveNode[];
}
interface WithName {
  readonly name: NameNode;
}
const possibleTypesOf = (types: ReadonlyMap<string, Type>): ReadonlyMap<string, ReadonlySet<string>> => {
  const possible = new Map<string, Set<string>>();
  for (const { name, interfaces, members } of types.values()) {
    if (members.size > 0) possible.set(name, new Set(members));
    for (const implemented of interfaces) {
      const known = possible.get(implemented);
      if (known) known.add(name);
      else possible.set(implemented, new Set([name]));
    }
  }
  return possible;
};

interface MutableElement<Node> {
  readonly coordinate: string;
  readonly name: string;
  readonly parts: Part<Node>[];
}
interface MutableWithArguments<Node> extends MutableElement<Node> {
  arguments: Map<string, MutableElement<InputValueDefinitionNode>>;
}
interface MutableType extends MutableElement<TypeNodeOfSdl> {
  kind: TypeKind;
  root: OperationTypeNode | null;
  isEntity: boolean;
  readonly fields: Map<string, MutableWithArguments<FieldDefinitionNode>>;
  readonly inputFields: Map<string, MutableElement<InputValueDefinitionNode>>;
  readonly values: Map<string, MutableElement<EnumValueDefinitionNode>>;
  readonly interfaces: Set<string>;
  readonly members: Set<string>;
}
type MakePart = <Node extends WithDirectives>(node: Node, inside?: Part<unknown>) => Part<Node>;

const addType = (
  types: Map<string, MutableType>,
  node: TypeNodeOfSdl,
  roots: ReadonlyMap<string, OperationTypeNode>,
  part: MakePart,
): void => {
  const name = node.name.value;
  const typePart = part(node);
  const kind = KINDS[node.kind];
  let type = types.get(name);
  if (!type) {
    type = newType(name, kind);
    types.set(name, type);
  } else if (kind === "interface") type.kind = kind;
  type.parts.push(typePart);
  type.root ??= roots.get(name) ?? null;
  type.isEntity ||= directiveOf(node, typePart.linked, "key") !== undefined;
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION:
      for (const implemented of node.interfaces ?? []) type.interfaces.add(implemented.name.value);
      for (const field of node.fields ?? []) {
        const { value } = field.name;
        if (type.root === OperationTypeNode.QUERY && FEDERATION_FIELDS.has(value)) continue;
        addWithArguments(type.fields, `${name}.${value}`, part(field, typePart), part);
      }
      break;
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION:
      for (const field of node.fields ?? [])
        addElement(type.inputFields, `${name}.${field.name.value}`, part(field, typePart));
      break;
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION:
      for (const value of node.values ?? [])
        addElement(type.values, `${name}.${value.name.value}`, part(value, typePart));
      break;
    case Kind.UNION_TYPE_DEFINITION:
    case Kind.UNION_TYPE_EXTENSION:
      for (const member of node.types ?? []) type.members.add(member.name.value);
      break;
    default:
  }
};

const newType = (name: string, kind: TypeKind): MutableType => ({
  coordinate: name,
  name,
  kind,
  root: null,
  isEntity: false,
  parts: [],
  fields: new Map(),
  inputFields: new Map(),
  values: new Map(),
  interfaces: new Set(),
  members: new Set(),
});

const addElement = <Node extends WithName>(
  all: Map<string, MutableElement<Node>>,
  coordinate: string,
  part: Part<Node>,
): void => {
  const name = part.node.name.value;
  const known = all.get(name);
  if (known) known.parts.push(part);
  else all.set(name, { coordinate, name, parts: [part] });
};

const addWithArguments = <Node extends FieldDefinitionNode | DirectiveDefinitionNode>(
  all: Map<string, MutableWithArguments<Node>>,
  coordinate: string,
  part: Part<Node>,
  makePart: MakePart,
): void => {
  const name = part.node.name.value;
  let element = all.get(name);
  if (element) element.parts.push(part);
  else {
    element = { coordinate, name, parts: [part], arguments: NO_ARGUMENTS };
    all.set(name, element);
  }
  for (const argument of part.node.arguments ?? []) {
    if (element.arguments === NO_ARGUMENTS) element.arguments = new Map();
    addElement(element.arguments, `${coordinate}(${argument.name.value}:)`, makePart(argument, part));
  }
};

/** Most fields take none: a map for each would be most of what a large graph takes. */
const NO_ARGUMENTS: Map<string, MutableElement<InputValueDefinitionNode>> = new Map();

const FEDERATION_FIELDS: ReadonlySet<string> = new Set(["_entities", "_service"]);

const KINDS = {
  [Kind.OBJECT_TYPE_DEFINITION]: "object",
  [Kind.OBJECT_TYPE_EXTENSION]: "object",
  [Kind.INTERFACE_TYPE_DEFINITION]: "interface",
  [Kind.INTERFACE_TYPE_EXTENSION]: "interface",
  [Kind.UNION_TYPE_DEFINITION]: "union",
  [Kind.UNION_TYPE_EXTENSION]: "union",
  [Kind.ENUM_TYPE_DEFINITION]: "enum",
  [Kind.ENUM_TYPE_EXTENSION]: "enum",
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: "input",
  [Kind.INPUT_OBJECT_TYPE_EXTENSION]: "input",
  [Kind.SCALAR_TYPE_DEFINITION]: "scalar",
  [Kind.SCALAR_TYPE_EXTENSION]: "scalar",
} as const satisfies Record<TypeNodeOfSdl["kind"], TypeKind>;

const isTypeOfSdl = (node: DocumentNode["definitions"][number]): node is TypeNodeOfSdl =>
  Object.hasOwn(KINDS, node.kind);

/** The root types of one subgraph by their names. A schema definition names all of them; an extension adds to the usual ones. */
const rootsOf = ({ definitions }: DocumentNode): ReadonlyMap<string, OperationTypeNode> => {
  const schemas = definitions.filter(
    (node) => node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION,
  );
  const named = schemas.flatMap(({ operationTypes }) => operationTypes ?? []);
  const isDefined = schemas.some(
    ({ kind, operationTypes }) => kind === Kind.SCHEMA_DEFINITION && operationTypes?.length,
  );
  return new Map([
    ...(isDefined ? [] : USUAL_ROOTS),
    ...named.map(({ type, operation }) => [type.name.value, operation] as const),
  ]);
};

const USUAL_ROOTS = [
  ["Query", OperationTypeNode.QUERY],
  ["Mutation", OperationTypeNode.MUTATION],
  ["Subscription", OperationTypeNode.SUBSCRIPTION],
] as const;
