import { type Logger, maskError } from "@supergraph/service";
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLFormattedError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { fragmentsOf } from "./fragments.ts";

/** Extensions that a client can act on; everything else that gateways and subgraphs add stays inside. */
const EXTENSIONS_FOR_CLIENTS = ["code", "argument", "errorId", "retryable", "retryAfterMs"];

/**
 * What of execution's errors goes to a client: known extensions only, paths within what the client asked for (a fetch
 * for another field's sake fails at the object that lacks it), and each code once a path.
 */
export const errorsForClient = (
  errors: readonly GraphQLError[],
  { document, operation }: { document: DocumentNode; operation: OperationDefinitionNode },
): GraphQLError[] => {
  const truncate = createTruncate(document, operation);
  const told = new Map<string, GraphQLError>();
  for (const error of errors) {
    const path = error.path && truncate(error.path);
    const key = JSON.stringify([error.extensions.code, error.message, path]);
    if (told.has(key)) continue;
    const extensions = extensionsForClient(error, path, operation);
    told.set(
      key,
      new GraphQLError(error.message, { path: path?.length ? path : null, extensions, originalError: error }),
    );
  }
  return [...told.values()];
};

const extensionsForClient = (
  { extensions }: GraphQLError,
  path: Path | undefined,
  operation: OperationDefinitionNode,
): Record<string, unknown> => {
  const { retryable, retryAfterMs, ...others } = Object.fromEntries(
    EXTENSIONS_FOR_CLIENTS.filter((name) => extensions[name] !== undefined).map((name) => [name, extensions[name]]),
  );
  if (retryable === undefined && retryAfterMs === undefined) return others;
  return retryable === true && mayBeRepeated(path, operation)
    ? { ...others, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
    : { ...others, retryable: false };
};

/**
 * Whether the whole operation may be sent again when what is at `path` may be. Not where something took effect: another
 * mutation of the same operation, or the one whose payload lacks a field.
 */
const mayBeRepeated = (path: Path | undefined, { operation, selectionSet }: OperationDefinitionNode): boolean => {
  if (operation !== "mutation") return true;
  const [only, ...others] = selectionSet.selections;
  return others.length === 0 && only?.kind === Kind.FIELD && (path === undefined || path.length <= 1);
};

/**
 * Makes any error of the endpoint safe for a client, see {@link maskError}. A fault that a subgraph masked and logged
 * keeps the errorId that it has there. Names that resemble a wrong one are suggested only where `introspection` would
 * show them anyhow.
 */
export const createFormatError =
  ({ introspection, log }: { introspection: boolean; log: Logger }) =>
  (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { code, errorId } = formatted.extensions ?? {};
    if (code === "INTERNAL_SERVER_ERROR" && typeof errorId === "string" && /^[\w-]{8,64}$/.test(errorId)) {
      log.warn({ errorId, fieldPath: formatted.path }, "a subgraph had a fault");
      return {
        message: "Something went wrong on our side. Quote the errorId when you report it.",
        ...(formatted.path ? { path: formatted.path } : {}),
        extensions: { code, errorId },
      };
    }
    const masked = maskError(formatted, error, log);
    const { message } = introspection && code === "GRAPHQL_VALIDATION_FAILED" ? formatted : masked;
    return { ...masked, message: shortened(message) };
  };

/** Messages quote what was sent: twenty of them, each with the same name of a megabyte, would be twenty megabytes. */
const MAX_MESSAGE_LENGTH = 1_000;

const shortened = (message: string): string =>
  message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}…`;

/** An error for a null where the schema promises none, when no subgraph told a reason. */
export const brokenPromise = (reason: string, path: readonly (string | number)[] | undefined): GraphQLError =>
  new GraphQLError(reason, { path: path ?? null, extensions: { code: "INTERNAL_SERVER_ERROR" } });

type Path = readonly (string | number)[];

const createTruncate = (document: DocumentNode, operation: OperationDefinitionNode): ((path: Path) => Path) => {
  const fragments = fragmentsOf(document);

  return (path) => {
    let current: readonly SelectionSetNode[] = [operation.selectionSet];
    for (const [index, segment] of path.entries()) {
      if (typeof segment === "number") continue;
      const found = current.flatMap((selectionSet) => below(selectionSet, segment, fragments, new Set()));
      if (found.length === 0) return path.slice(0, index);
      current = found.flatMap((selectionSet) => selectionSet ?? []);
    }
    return path;
  };
};

/** What is selected below each field that answers as `responseName`; null for a leaf. */
const below = (
  { selections }: SelectionSetNode,
  responseName: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  visited: Set<string>,
): (SelectionSetNode | null)[] =>
  selections.flatMap((selection): (SelectionSetNode | null)[] => {
    if (selection.kind === Kind.FIELD)
      return (selection.alias?.value ?? selection.name.value) === responseName ? [selection.selectionSet ?? null] : [];
    if (selection.kind === Kind.INLINE_FRAGMENT) return below(selection.selectionSet, responseName, fragments, visited);
    if (visited.has(selection.name.value)) return [];
    visited.add(selection.name.value);
    const fragment = fragments.get(selection.name.value);
    return fragment ? below(fragment.selectionSet, responseName, fragments, visited) : [];
  });
