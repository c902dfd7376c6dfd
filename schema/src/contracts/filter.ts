import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  type TypeDefinitionNode,
} from "graphql";
import type { CheckConfig } from "../check/config.ts";
import { namedTypeOf } from "../revisions/definitions.ts";
import { readReachable } from "./reachable.ts";
import { type SupergraphNames, supergraphNames } from "./supergraph-names.ts";

export type Contract = CheckConfig["contracts"][string];

/**
 * The supergraph in which all is `@inaccessible` that a contract leaves out, so that a router that loads it serves the contract's API.
 * Planning is as in the whole graph: subgraphs may still be asked for keys that clients do not see.
 *
 * - `exclude`: what has one of the tags is left out, with all below it.
 * - `include`: of objects, interfaces and root types those fields are kept that have one of the tags, or whose type has. Leaves and inputs
 *   without any tags follow their use.
 * - What returns or takes what is left out, and types of which nothing is left, are left out too.
 */
export const filterSupergraph = (supergraph: DocumentNode, contract: Contract): DocumentNode => {
  const names = supergraphNames(supergraph);
  const hidden = hiddenBy(supergraph, contract, names);
  return withInaccessible(supergraph, hidden, names);
};

type Element = { readonly directives?: readonly ConstDirectiveNode[] };

/** Coordinates that the contract leaves out. */
const hiddenBy = (supergraph: DocumentNode, contract: Contract, names: SupergraphNames): ReadonlySet<string> => {
  const types = supergraph.definitions.filter(
    (node): node is TypeDefinitionNode => "name" in node && isOfGraph(node, names),
  );
  const tagsOf = ({ directives = [] }: Element): string[] =>
    directives.flatMap(({ name, arguments: given = [] }) => {
      const value = given.find((one) => one.name.value === "name")?.value;
      return name.value === names.tag && value?.kind === Kind.STRING ? [value.value] : [];
    });
  const has = (element: Element, tags: readonly string[]): boolean => tagsOf(element).some((tag) => tags.includes(tag));

  const hidden = new Set<string>();
  for (const type of types) {
    if (has(type, contract.exclude)) hidden.add(type.name.value);
    for (const child of childrenOf(type)) {
      const coordinate = `${type.name.value}.${child.name.value}`;
      if (has(child, contract.exclude)) hidden.add(coordinate);
      if (
        contract.include.length > 0 &&
        isOutput(type) &&
        !has(type, contract.include) &&
        !has(child, contract.include)
      )
        hidden.add(coordinate);
      for (const argument of argumentsOf(child))
        if (has(argument, contract.exclude)) hidden.add(`${coordinate}(${argument.name.value}:)`);
    }
  }
  spread(types, hidden);
  if (contract.hideUnreachable) {
    const reachable = readReachable(types, names.roots, hidden);
    for (const { name } of types) if (!reachable.has(name.value)) hidden.add(name.value);
  }
  return hidden;
};

/** Until nothing changes: what leads to what is left out goes, and so do types of which nothing is left. */
const spread = (types: readonly TypeDefinitionNode[], hidden: Set<string>): void => {
  let before = -1;
  while (before !== hidden.size) {
    before = hidden.size;
    for (const type of types) {
      const typeName = type.name.value;
      const children = childrenOf(type);
      for (const child of children) {
        const coordinate = `${typeName}.${child.name.value}`;
        if ("type" in child && hidden.has(namedTypeOf(child.type).name.value)) hidden.add(coordinate);
        for (const argument of argumentsOf(child))
          if (hidden.has(namedTypeOf(argument.type).name.value)) hidden.add(`${coordinate}(${argument.name.value}:)`);
      }
      const members = type.kind === Kind.UNION_TYPE_DEFINITION ? (type.types ?? []) : [];
      const isEmpty =
        (children.length > 0 && children.every((child) => hidden.has(`${typeName}.${child.name.value}`))) ||
        (members.length > 0 && members.every((member) => hidden.has(member.name.value)));
      if (isEmpty) hidden.add(typeName);
    }
  }
};

type Child = FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode;

const childrenOf = (type: TypeDefinitionNode): readonly Child[] => {
  if ("fields" in type) return type.fields ?? [];
  return type.kind === Kind.ENUM_TYPE_DEFINITION ? (type.values ?? []) : [];
};

const argumentsOf = (child: Child): readonly InputValueDefinitionNode[] =>
  child.kind === Kind.FIELD_DEFINITION ? (child.arguments ?? []) : [];

const isOutput = ({ kind }: TypeDefinitionNode): boolean =>
  kind === Kind.OBJECT_TYPE_DEFINITION || kind === Kind.INTERFACE_TYPE_DEFINITION;

/** Not federation's own, such as `join__Graph`. */
const isOfGraph = (
  node: { readonly kind: Kind; readonly name?: { readonly value: string } | undefined },
  names: SupergraphNames,
): boolean =>
  node.kind !== Kind.DIRECTIVE_DEFINITION && /TypeDefinition$/.test(node.kind) && !names.isOwn(node.name?.value ?? "");

const withInaccessible = (
  supergraph: DocumentNode,
  hidden: ReadonlySet<string>,
  { inaccessible, isInaccessibleLinked, roots }: SupergraphNames,
): DocumentNode => {
  const mark: ConstDirectiveNode = {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: inaccessible },
    arguments: [],
  };
  const marked = <Node extends Element>(node: Node, coordinate: string): Node => {
    const { directives = [] } = node;
    // The root of queries has to be there; if nothing of it is left, its fields say so.
    if (!hidden.has(coordinate) || coordinate === roots[0]) return node;
    return directives.some(({ name }) => name.value === inaccessible)
      ? node
      : { ...node, directives: [...directives, mark] };
  };
  const markedField = (field: FieldDefinitionNode, coordinate: string): FieldDefinitionNode => ({
    ...marked(field, coordinate),
    arguments: (field.arguments ?? []).map((one) => marked(one, `${coordinate}(${one.name.value}:)`)),
  });
  const definitions = supergraph.definitions.map((node): DefinitionNode => {
    switch (node.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION: {
        const fields = (node.fields ?? []).map((field) => markedField(field, `${node.name.value}.${field.name.value}`));
        return { ...marked(node, node.name.value), fields };
      }
      case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
        const fields = (node.fields ?? []).map((field) => marked(field, `${node.name.value}.${field.name.value}`));
        return { ...marked(node, node.name.value), fields };
      }
      case Kind.ENUM_TYPE_DEFINITION: {
        const values = (node.values ?? []).map((value) => marked(value, `${node.name.value}.${value.name.value}`));
        return { ...marked(node, node.name.value), values };
      }
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_DEFINITION:
        return marked(node, node.name.value);
      default:
        return node;
    }
  });
  return { ...supergraph, definitions: isInaccessibleLinked ? definitions : [...definitions, ...LINK.definitions] };
};

const LINK = parse(
  `extend schema @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
   directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION`,
  { noLocation: true },
);
