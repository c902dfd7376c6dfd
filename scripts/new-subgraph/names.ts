import { NewSubgraphError } from "./error.ts";

/** What is asked for on the command line. */
export interface Wanted {
  /** Of the subgraph: `reviews`. */
  readonly name: string;
  /** Of the entity that it owns, `Review`; from the subgraph's name unless given. */
  readonly entity?: string | undefined;
  /** Of the entity of another subgraph that gets a list of them. */
  readonly owner: string;
  /** Of its ids, `rev`; from the entity's name unless given. */
  readonly prefix?: string | undefined;
}

/** One name in every spelling that code, SDL, SQL and prose need. */
export interface Noun {
  /** `GiftCard` */
  readonly pascal: string;
  /** `giftCard` */
  readonly camel: string;
  /** `gift-card` */
  readonly kebab: string;
  /** `gift_card` */
  readonly snake: string;
  /** `gift card` */
  readonly words: string;
}

/** As variables of the environment begin. */
export const environmentOf = ({ snake }: Noun): string => snake.toUpperCase();

export interface Names {
  /** In one word, so that it can be the name of whatever is the subgraph's own. */
  readonly subgraph: Noun;
  readonly entity: Noun;
  readonly entities: Noun;
  readonly owner: Noun;
  readonly owners: Noun;
  readonly prefix: string;
}

/**
 * All names of a new subgraph.
 * @throws NewSubgraphError INVALID_NAME
 */
export const deriveNames = ({ name, entity, owner, prefix }: Wanted): Names => {
  if (!/^[a-z][a-z0-9]{1,29}$/.test(name))
    throw invalid(
      `"${name}" is no name of a subgraph: lower case letters and digits, such as reviews, at most 30. It becomes the name of a database, too.`,
    );
  if (TAKEN_BY_OTHERS.has(name))
    throw invalid(`"${name}" is the name of another part of the deployment: choose another.`);
  const entityName = entity ?? pascalOf(singularOf(name));
  expectTypeName(entityName, "--entity");
  expectTypeName(owner, "--extends");
  const nouns = { entity: nounOf(entityName), owner: nounOf(owner) };
  if (nouns.entity.pascal === nouns.owner.pascal)
    throw invalid(`${entityName} cannot be both what the subgraph owns and what it extends.`);
  const ofIds = prefix ?? nouns.entity.pascal.toLowerCase().slice(0, 3);
  if (!/^[a-z]{2,8}$/.test(ofIds))
    throw invalid(
      `"${ofIds}" is no prefix of ids: two to eight lower case letters, such as rev. Give one with --prefix.`,
    );
  return {
    subgraph: nounOf(pascalOf(name)),
    entity: nouns.entity,
    entities: nounOf(pluralOf(nouns.entity.pascal)),
    owner: nouns.owner,
    owners: nounOf(pluralOf(nouns.owner.pascal)),
    prefix: ofIds,
  };
};

/** Names of what runs beside subgraphs: services of the composition, images, folders. */
const TAKEN_BY_OTHERS: ReadonlySet<string> = new Set([
  "router",
  "postgres",
  "nats",
  "keys",
  "streams",
  "embedded",
  "balancer",
  "prometheus",
  "grafana",
  "loki",
  "tempo",
  "operator",
  // Packages of this repository, whose names begin alike.
  "contracts",
  "failpoints",
  "messaging",
  "playground",
  "registry",
  "schema",
  "service",
  "testing",
]);

/** Words that the generated code uses for something else, and those of the language. */
const TAKEN_BY_CODE: ReadonlySet<string> = new Set(
  `Query Mutation Subscription Node Edge PageInfo UserError DateTime Decimal BigInt Int Float String Boolean ID
   Page Row Text Input Cursor Db Tx Schema Deps Context Loaders Resolvers Date Map Error Promise Object Array Symbol Config
   Class Function Default Import Export New Return Switch Case Break Delete Enum Package Interface Static Public Private
   Data Errors Id Ids Wanted Result Created Server Raw Parsed Fields Place`.split(/\s+/),
);

const expectTypeName = (name: string, option: string): void => {
  if (!/^[A-Z][a-z0-9]+([A-Z][a-z0-9]+)*$/.test(name) || name.length > 40)
    throw invalid(
      `"${name}" is no name of a type: words that begin with a capital, such as GiftCard. Give one with ${option}.`,
    );
  if (TAKEN_BY_CODE.has(name))
    throw invalid(`"${name}" means something else in the generated code: choose another with ${option}.`);
};

const invalid = (message: string) => new NewSubgraphError("INVALID_NAME", message);

const pascalOf = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

const nounOf = (pascal: string): Noun => {
  const words = pascal.match(/[A-Z][a-z0-9]*/g)?.map((word) => word.toLowerCase()) ?? [];
  return {
    pascal,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    kebab: words.join("-"),
    snake: words.join("_"),
    words: words.join(" "),
  };
};

/** English enough for regular nouns; who has another gives it with --entity. */
const singularOf = (plural: string): string => {
  if (/[^aeiou]ies$/.test(plural)) return plural.replace(/ies$/, "y");
  if (/(ss|x|ch|sh|z)es$/.test(plural)) return plural.replace(/es$/, "");
  if (/[^s]s$/.test(plural)) return plural.replace(/s$/, "");
  throw invalid(
    `Cannot tell one of the ${plural} from its name: give what the subgraph owns with --entity, such as --entity StockItem.`,
  );
};

const pluralOf = (singular: string): string => {
  if (/[^aeiou]y$/.test(singular)) return singular.replace(/y$/, "ies");
  return /(s|x|ch|sh|z)$/.test(singular) ? `${singular}es` : `${singular}s`;
};
