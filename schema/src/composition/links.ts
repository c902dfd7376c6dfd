import { type ConstDirectiveNode, type DocumentNode, Kind, print } from "graphql";

/** Composition refuses a `@link` before it knows where it stands. */
const OF_LINKS: ReadonlySet<string> = new Set([
  "INVALID_LINK_IDENTIFIER",
  "INVALID_LINK_DIRECTIVE_USAGE",
  "LINK_IMPORT_NAME_MISMATCH",
  "UNKNOWN_LINK_VERSION",
]);

/** The links that a problem is about: those that have what its message quotes, otherwise all of the subgraphs that it names. */
export const linksToldIn = (
  code: string,
  message: string,
  subgraphs: readonly { readonly name: string; readonly document: DocumentNode }[],
): readonly ConstDirectiveNode[] => {
  if (!OF_LINKS.has(code)) return [];
  const [, owner] = /^\[([^\]]+)\]/.exec(message) ?? [];
  const links = subgraphs
    .filter(({ name }) => owner === undefined || name === owner)
    .flatMap(({ document }) => linksOf(document));
  const quoted = [
    ...message.matchAll(/"(https?:[^"]+|@\w+)"|'([^']+)'|(https?:[^\s")]+)|version (v[\d.]+)|got (\S+)$/g),
  ]
    .map((match) => match.slice(1).find((part) => part !== undefined) ?? "")
    .filter((text) => text !== "");
  const told = links.filter((link) => quoted.some((text) => print(link).includes(text)));
  return told.length > 0 ? told : links;
};

/** Those to a feature such as `https://specs.apollo.dev/context/v0.1`, or that import its directive from federation's. */
export const linksToFeature = (document: DocumentNode, feature: string): readonly ConstDirectiveNode[] => {
  const [, name] = /\/(\w+)\/v[\d.]+$/.exec(feature) ?? [];
  return linksOf(document).filter((link) => {
    const text = print(link);
    return text.includes(`"${feature}"`) || (name !== undefined && text.includes(`"@${name}"`));
  });
};

/** Whatever a schema calls its `@link`, it alone has a `url`. */
export const linksOf = (document: DocumentNode): ConstDirectiveNode[] =>
  document.definitions
    .flatMap((node) =>
      node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? (node.directives ?? []) : [],
    )
    .filter((directive) => directive.arguments?.some(({ name }) => name.value === "url"));
