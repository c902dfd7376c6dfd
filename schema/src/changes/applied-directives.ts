import {
  type ASTNode,
  type ConstDirectiveNode,
  type DefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  type NameNode,
  parse,
  print,
  type TypeNode,
  visit,
} from "graphql";
import type { Location, Side } from "../findings/finding.ts";
import { type ParsedSubgraph, placeOf } from "../revisions/definitions.ts";
import { rootNames } from "../revisions/root-names.ts";
import { type LinkedDirectives, linkedDirectives } from "./linked-directives.ts";

/** What one subgraph says of its coordinates by the directives of federation, under the names that their specifications give them. */
export interface SubgraphDirectives {
  readonly name: string;
  readonly url: string;
  readonly linked: LinkedDirectives;
  readonly elements: ReadonlyMap<string, Element>;
  /** Where the schema links to federation; the file's beginning where it does not. */
  readonly linkPlace: Location;
  /** Of the schema itself: `@composeDirective(name:)`. */
  readonly composed: readonly AppliedDirective[];
}

/** A coordinate of one subgraph, all its definitions and extensions together. */
export interface Element {
  readonly coordinate: string;
  readonly kind: "type" | "interface" | "field" | "argument" | "inputField" | "enumValue";
  /** The type's or the field's, where there is one; `Product` in `Product.price`. */
  readonly parent: string | null;
  /** Of a field, argument or input field. */
  readonly type: TypeNode | null;
  readonly place: Location;
  readonly directives: readonly AppliedDirective[];
}

export interface AppliedDirective {
  /** `key`, whatever the subgraph calls it. */
  readonly name: string;
  readonly arguments: ReadonlyMap<string, string>;
  readonly place: Location;
  /** True for `@shareable` and `@external` that a type has for the fields of its declaration. */
  readonly isOfType: boolean;
}

export const subgraphDirectives = (
  { name, url, path, document }: Pick<ParsedSubgraph, "name" | "url" | "path" | "document">,
  side: Side,
): SubgraphDirectives => {
  const linked = linkedDirectives(document);
  const elements = new Map<string, Element>();
  const read = (directives: readonly ConstDirectiveNode[] | undefined): readonly AppliedDirective[] =>
    directives === undefined || directives.length === 0
      ? NONE
      : directives.flatMap((node) => {
          const specified = linked.specified(node.name.value);
          if (specified === null) return [];
          return [{ name: specified, arguments: argumentsOf(node), place: at(node), isOfType: false }];
        });
  const at = (node: ASTNode): Location => placeOf(node, path, side);
  const add = (
    coordinate: string,
    kind: Element["kind"],
    parent: string | null,
    node: { readonly name: NameNode; readonly type?: TypeNode; readonly directives?: readonly ConstDirectiveNode[] },
    inherited: readonly AppliedDirective[] = NONE,
  ): readonly AppliedDirective[] => {
    const own = read(node.directives);
    const directives = joined(own, inherited);
    const known = elements.get(coordinate);
    elements.set(
      coordinate,
      known
        ? { ...known, directives: joined(known.directives, directives) }
        : { coordinate, kind, parent, type: node.type ?? null, place: at(node.name), directives },
    );
    return own;
  };

  // Root types count under the names that the API gives them.
  const roots = rootNames(document);
  const composed: AppliedDirective[] = [];
  const visitDefinition = (node: DefinitionNode): void => {
    if (node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION) {
      composed.push(...read(node.directives).filter((directive) => directive.name === "composeDirective"));
      return;
    }
    if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) return;
    const type = roots.get(node.name.value) ?? node.name.value;
    const isInterface = node.kind === Kind.INTERFACE_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_EXTENSION;
    const own = add(type, isInterface ? "interface" : "type", null, node);
    const inherited = own
      .filter((directive) => directive.name === "shareable" || directive.name === "external")
      .map((directive) => ({ ...directive, isOfType: true }));
    if ("values" in node)
      for (const value of node.values ?? []) add(`${type}.${value.name.value}`, "enumValue", type, value);
    if (!("fields" in node)) return;
    for (const field of node.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`;
      if (field.kind === Kind.INPUT_VALUE_DEFINITION) {
        add(coordinate, "inputField", type, field);
        continue;
      }
      add(coordinate, "field", type, field, inherited);
      for (const argument of field.arguments ?? [])
        add(`${coordinate}(${argument.name.value}:)`, "argument", coordinate, argument);
    }
  };
  for (const definition of document.definitions) visitDefinition(definition);
  const linkPlace = linked.link ? at(linked.link) : { path, line: 1, column: 1, side };
  return { name, url, linked, elements, linkPlace, composed };
};

/** Most of what a large graph has bears no directive: it need not have an array each. */
const NONE: readonly AppliedDirective[] = [];

const joined = (a: readonly AppliedDirective[], b: readonly AppliedDirective[]): readonly AppliedDirective[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];

/** Values as GraphQL text; those that are field sets in an order of their own. */
const argumentsOf = ({ arguments: given = [] }: ConstDirectiveNode): ReadonlyMap<string, string> =>
  new Map(
    given.map(({ name, value }) => {
      if (value.kind === Kind.STRING)
        return [name.value, name.value === "fields" ? fieldSet(value.value) : value.value];
      return [name.value, print(value)];
    }),
  );

/** `sku brand { id name }` whatever the order, blanks and commas of the text. */
export const fieldSet = (text: string): string => {
  if (/^\w+$/.test(text)) return text;
  try {
    const sorted = visit(parse(`{${text}}`, { noLocation: true }), {
      SelectionSet: {
        leave: (node) => ({
          ...node,
          selections: [...node.selections].sort((a, b) => (print(a) < print(b) ? -1 : 1)),
        }),
      },
    });
    return print(sorted).replaceAll(/\s+/g, " ").slice(2, -2).trim();
  } catch {
    // Composition says what is wrong with it.
    return text;
  }
};
