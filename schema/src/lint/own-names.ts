import { type ConstDirectiveNode, type ConstValueNode, type DocumentNode, Kind } from "graphql";

/** What a subgraph's team named itself. */
export interface OwnNames {
  /** False for directives of federation and of its other links, under whatever name. Those of GraphQL are as good as anybody's. */
  isOwnDirective(name: string): boolean;
  /** False for `_Any`, `link__Import`, `federation__FieldSet` and the like. */
  isOwnType(name: string): boolean;
}

/** What is linked from Apollo's specifications is not the team's; what a team links from its own is. */
export const ownNames = (document: DocumentNode): OwnNames => {
  const links = document.definitions
    .flatMap((node) =>
      node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : [],
    )
    .flatMap((directive) => linkOf(directive) ?? []);
  const foreign = new Set(links.flatMap(({ imports, prefix }) => [...imports, `@${prefix}`]));
  const prefixes = new Set(["link", "core", ...links.map(({ prefix }) => prefix)]);
  const isPrefixed = (name: string): boolean => {
    const end = name.indexOf("__");
    return end > 0 && prefixes.has(name.slice(0, end));
  };
  return {
    isOwnDirective: (name) => !foreign.has(`@${name}`) && !isPrefixed(name),
    isOwnType: (name) => !FEDERATION_TYPES.has(name) && !foreign.has(name) && !isPrefixed(name),
  };
};

interface Link {
  /** What stands before `__` in names that are not imported; its directive's name, where it has one that is called like it. */
  readonly prefix: string;
  /** As the subgraph calls them; directives with their `@`. */
  readonly imports: readonly string[];
}

const linkOf = ({ arguments: given = [] }: ConstDirectiveNode): Link | null => {
  const values = new Map(given.map(({ name, value }) => [name.value, value]));
  const specification = SPECIFICATION.exec(textOf(values.get("url")) ?? "")?.[1];
  if (specification === undefined) return null;
  const imports = values.get("import");
  return {
    prefix: textOf(values.get("as")) ?? specification,
    imports: imports?.kind === Kind.LIST ? imports.values.flatMap((value) => importedAs(value) ?? []) : [],
  };
};

const SPECIFICATION = /^https:\/\/specs\.apollo\.dev\/(\w+)/;

/** Of `"@key"` and `{ name: "@key", as: "@entity" }`. */
const importedAs = (value: ConstValueNode): string | null => {
  if (value.kind !== Kind.OBJECT) return textOf(value);
  const values = new Map(value.fields.map((field) => [field.name.value, field.value]));
  return textOf(values.get("as")) ?? textOf(values.get("name"));
};

const textOf = (value: ConstValueNode | undefined): string | null => (value?.kind === Kind.STRING ? value.value : null);

/** What libraries print of a subgraph's own machinery; the last is federation 1's. */
const FEDERATION_TYPES: ReadonlySet<string> = new Set(["_Any", "_Entity", "_Service", "_FieldSet"]);
