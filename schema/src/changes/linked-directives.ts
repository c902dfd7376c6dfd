import {
  type ConstDirectiveNode,
  type ConstObjectFieldNode,
  type ConstValueNode,
  type DocumentNode,
  Kind,
  type NameNode,
} from "graphql";

/** What a subgraph's directives are, whatever it calls them. */
export interface LinkedDirectives {
  /** `key` for `@key`, `@federation__key` or `@entity`, as the subgraph's links have it; null for a directive of its own. */
  specified(name: string): string | null;
  /** Of federation's specification, such as `{ major: 2, minor: 5 }`; null in a subgraph of federation 1, which links to none. */
  readonly federation: FederationVersion | null;
  /** The link to federation. */
  readonly link: ConstDirectiveNode | null;
}

export interface FederationVersion {
  readonly major: number;
  readonly minor: number;
}

/** Of the specifications whose directives matter to a review. Those of others, and a team's own, are nobody's concern but its clients'. */
export const linkedDirectives = (document: DocumentNode): LinkedDirectives => {
  const applied = document.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : [],
  );
  const linkName = nameOfLink(applied);
  const names = new Map<string, string>();
  let federation: FederationVersion | null = null;
  let link: ConstDirectiveNode | null = null;
  for (const directive of applied) {
    if (directive.name.value !== linkName) continue;
    const [, specification, major, minor] = SPECIFICATION.exec(textIn(directive.arguments, "url") ?? "") ?? [];
    if (specification === undefined) continue;
    const prefix = textIn(directive.arguments, "as") ?? specification;
    // Those that are imported go by their import; the others by the prefix; the one that is called like its specification by that alone.
    const imported = importsOf(directive);
    for (const known of DIRECTIVES[specification] ?? []) {
      const its = imported.get(known);
      names.set(its ?? (known === specification ? prefix : `${prefix}__${known}`), known);
    }
    if (specification !== "federation") continue;
    federation = { major: Number(major), minor: Number(minor) };
    link = directive;
  }
  const specified = federation
    ? (name: string) => names.get(name) ?? null
    : (name: string) => names.get(name) ?? (FEDERATION_1.has(name) ? name : null);
  return { specified, federation, link };
};

const SPECIFICATION = /^https:\/\/specs\.apollo\.dev\/(\w+)\/v(\d+)\.(\d+)/;

const FEDERATION_1: ReadonlySet<string> = new Set([
  "key",
  "requires",
  "provides",
  "external",
  "extends",
  "tag",
  "inaccessible",
]);

/** By specification. Federation's own has those of the others too: a subgraph links to it alone as a rule. */
const DIRECTIVES: Readonly<Record<string, readonly string[]>> = {
  federation: [
    ...FEDERATION_1,
    "shareable",
    "override",
    "composeDirective",
    "interfaceObject",
    "authenticated",
    "requiresScopes",
    "policy",
    "context",
    "fromContext",
    "cost",
    "listSize",
    "cacheTag",
  ],
  tag: ["tag"],
  inaccessible: ["inaccessible"],
  authenticated: ["authenticated"],
  requiresScopes: ["requiresScopes"],
  policy: ["policy"],
  cost: ["cost", "listSize"],
};

/** `@link` may itself go by another name, which the link to its own specification tells. */
const nameOfLink = (applied: readonly ConstDirectiveNode[]): string => {
  const own = applied.find((directive) =>
    /^https:\/\/specs\.apollo\.dev\/link\//.test(textIn(directive.arguments, "url") ?? ""),
  );
  return own?.name.value ?? "link";
};

/** The names in the subgraph by those in the specification, both without `@`. */
const importsOf = (link: ConstDirectiveNode): ReadonlyMap<string, string> => {
  const list = link.arguments?.find(({ name }) => name.value === "import")?.value;
  const names = new Map<string, string>();
  for (const item of list?.kind === Kind.LIST ? list.values : []) {
    const name = item.kind === Kind.OBJECT ? textIn(item.fields, "name") : textOf(item);
    const as = item.kind === Kind.OBJECT ? textIn(item.fields, "as") : null;
    if (name?.startsWith("@")) names.set(name.slice(1), (as ?? name).replace(/^@/, ""));
  }
  return names;
};

const textIn = (
  given: readonly (ConstObjectFieldNode | { readonly name: NameNode; readonly value: ConstValueNode })[] | undefined,
  name: string,
): string | null => textOf(given?.find((one) => one.name.value === name)?.value);

const textOf = (value: ConstValueNode | undefined): string | null => (value?.kind === Kind.STRING ? value.value : null);
