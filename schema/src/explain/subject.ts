import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { distance } from "fastest-levenshtein";
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  Source,
} from "graphql";
import { errorsOf } from "../operations/validity.ts";
import type { KnownOperation, KnownOperations } from "../revisions/operations.ts";
import { UsageError } from "../usage-error.ts";

/** The operation that is to be explained. */
export interface Subject {
  /** `storefront/ProductPage`; null of one that is no known operation. */
  readonly id: string | null;
  /** Empty where it has none. */
  readonly name: string;
  /** The file, relative to where paths are told from; `<text>` or `<stdin>` of one that is in none. */
  readonly path: string;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
}

export interface OperationMistake {
  readonly message: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

export type FoundSubject =
  | { readonly kind: "found"; readonly subject: Subject }
  | { readonly kind: "invalid"; readonly mistakes: readonly OperationMistake[] };

export interface SubjectSources {
  readonly known: KnownOperations;
  readonly stdin: () => Promise<string>;
  /** Which one of a document with several; undefined for the only one. */
  readonly operationName: string | undefined;
}

/**
 * Finds what `what` names: an operation's id, its name where only one has it, a `.graphql` file, a GraphQL text, or `-` for a text
 * from standard input.
 * @throws UsageError when there is none, or it could be several.
 */
export const findSubject = async (what: string, sources: SubjectSources): Promise<FoundSubject> => {
  if (what === "-") return parseSubject(await sources.stdin(), "<stdin>", sources);
  if (what.includes("{")) return parseSubject(what, "<text>", sources);
  if (/\.(graphql|gql)$/.test(what)) return parseSubject(await readDocument(what), what, sources);
  return { kind: "found", subject: knownSubject(what, sources.known) };
};

/** What is wrong with an operation for clients of `api`; nothing where it is valid. */
export const mistakesOf = (subject: Subject, api: GraphQLSchema): OperationMistake[] =>
  errorsOf(api, subject).map((error) => mistakeOf(error, subject.path));

const mistakeOf = ({ message, locations }: GraphQLError, path: string): OperationMistake => {
  const [{ line, column } = { line: 1, column: 1 }] = locations ?? [];
  return { message, path, line, column };
};

const readDocument = async (path: string): Promise<string> => {
  try {
    return await readFile(resolve(path), "utf8");
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const parseSubject = (text: string, path: string, { operationName }: SubjectSources): FoundSubject => {
  let document: DocumentNode;
  try {
    document = parse(new Source(text, path));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { kind: "invalid", mistakes: [mistakeOf(error, path)] };
  }
  const definitions = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const definition = choose(definitions, path, operationName);
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return {
    kind: "found",
    subject: {
      id: null,
      name: definition.name?.value ?? "",
      path,
      definition,
      document: { ...document, definitions: [definition, ...fragments] },
    },
  };
};

const choose = (
  definitions: readonly OperationDefinitionNode[],
  path: string,
  operationName: string | undefined,
): OperationDefinitionNode => {
  const [only, ...others] = definitions;
  if (!only) throw new UsageError(`${path} has no operation: expected a query, mutation or subscription.`);
  const names = definitions.flatMap(({ name }) => name?.value ?? []);
  if (operationName === undefined) {
    if (others.length === 0) return only;
    throw new UsageError(
      `${path} has ${definitions.length} operations: say which with --operation-name (${names.join(", ")}).`,
    );
  }
  const chosen = definitions.find(({ name }) => name?.value === operationName);
  if (chosen) return chosen;
  throw new UsageError(`${path} has no operation ${operationName}.${didYouMean(operationName, names)}`);
};

const knownSubject = (what: string, { operations, problems }: KnownOperations): Subject => {
  const exact = operations.find(({ id }) => id === what);
  const named = operations.filter(({ name }) => name === what);
  if (!exact && named.length > 1)
    throw new UsageError(`${what} could be any of: ${named.map(({ id }) => id).join(", ")}.`);
  const operation: KnownOperation | undefined = exact ?? named[0];
  if (operation) {
    const { id, name, path, document, definition } = operation;
    return { id, name, path, document, definition };
  }
  // A file that cannot be read has no known operation: it is told, rather than what else resembles it.
  const unread = problems.find(({ path }) => path.endsWith(`/${what}.graphql`));
  if (unread)
    throw new UsageError(`${what} is not known: ${unread.path}:${unread.line}:${unread.column}: ${unread.message}`);
  const ids = operations.map(({ id }) => id);
  throw new UsageError(
    `There is no operation ${JSON.stringify(what)}.${didYouMean(what, ids)} Expected an operation's id or name, a .graphql file, a GraphQL text, or - for standard input.`,
  );
};

const MAX_SUGGESTIONS = 3;

/** What is written nearly so; without a client, by names alone. */
const didYouMean = (what: string, candidates: readonly string[]): string => {
  const key = (candidate: string): string =>
    (what.includes("/") ? candidate : (candidate.split("/").at(-1) ?? candidate)).toLowerCase();
  const near = candidates
    .map((candidate) => ({ candidate, apart: distance(what.toLowerCase(), key(candidate)) }))
    .filter(({ candidate, apart }) => apart <= Math.max(2, key(candidate).length / 2))
    .sort((a, b) => a.apart - b.apart || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
  return near.length === 0 ? "" : ` Did you mean ${listed(near)}?`;
};

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
