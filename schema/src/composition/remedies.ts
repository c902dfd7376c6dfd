import { Kind } from "graphql";
import type { FindingCode } from "../findings/catalogue.ts";
import type { Definition, Definitions } from "../revisions/definitions.ts";

/** What to do about this very problem, where more can be said than of its code; undefined otherwise. */
export const remedyOf = (
  code: FindingCode,
  message: string,
  coordinate: string | null,
  subgraphs: readonly string[],
  definitions: Definitions,
): string | undefined => {
  if (code === "INVALID_GRAPHQL") return ofUnknownName(message, subgraphs, definitions);
  const [type = "", field] = coordinate?.split(".") ?? [];
  if (code === "INVALID_FIELD_SHARING" && field !== undefined)
    return ofForgottenKey(type, field, subgraphs, definitions);
  return undefined;
};

/** Each subgraph is valid by itself: what another one defines it has to declare. */
const ofUnknownName = (
  message: string,
  [subgraph = "the subgraph"]: readonly string[],
  definitions: Definitions,
): string | undefined => {
  if (/^Unknown directive "/.test(message))
    return "Import it, where it is federation's: `@link(url: …, import: […])`; otherwise define it.";
  const [, type] = /^Unknown type "?(\w+)/.exec(message) ?? [];
  const [elsewhere] = type === undefined ? [] : definitions.of(type);
  if (type === undefined || elsewhere === undefined) return undefined;
  const [key] = keysOf(elsewhere);
  const declared = key === undefined ? `type ${type}` : `type ${type} @key(fields: ${JSON.stringify(key)})`;
  return `${type} is defined in ${elsewhere.subgraph}, and each subgraph is valid by itself: declare in ${subgraph} what it needs of it, as \`${declared} { … }\`.`;
};

/** Fields of a key are shared by it. That one of two subgraphs has no key is seen first by its key field, which was not shared before. */
const ofForgottenKey = (
  type: string,
  field: string,
  subgraphs: readonly string[],
  definitions: Definitions,
): string | undefined => {
  const keysIn = (subgraph: string): readonly string[] =>
    definitions.of(type).flatMap((definition) => (definition.subgraph === subgraph ? keysOf(definition) : []));
  const mentions = (key: string): boolean => key.split(/[^\w]+/).includes(field);
  const withKey = subgraphs.filter((subgraph) => keysIn(subgraph).some(mentions));
  const without = subgraphs.filter((subgraph) => !withKey.includes(subgraph));
  const [owner] = withKey;
  const [lacking] = without;
  if (owner === undefined || lacking === undefined) return undefined;
  const key = keysIn(owner).find(mentions) ?? field;
  return `${type}.${field} is of the key of ${type} in ${owner}. Give ${type} in ${lacking} the same \`@key(fields: ${JSON.stringify(key)})\`, by which it need not be @shareable; or mark it \`@shareable\` there, where ${type} is to be no entity.`;
};

/** By whatever name it is imported, what is applied to a type with `fields` is its key. */
const keysOf = ({ node }: Definition): string[] =>
  (node.directives ?? []).flatMap((directive) => {
    const fields = directive.arguments?.find(({ name }) => name.value === "fields")?.value;
    return fields?.kind === Kind.STRING ? [fields.value] : [];
  });
