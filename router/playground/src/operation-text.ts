import { type DocumentNode, Kind, type OperationDefinitionNode, parse } from "graphql";

/** Null for a syntax error: the endpoint says best what is wrong. */
export function parseOrNull(query: string): DocumentNode | null {
  try {
    return parse(query);
  } catch {
    return null;
  }
}

export const operationsOf = (document: DocumentNode): OperationDefinitionNode[] =>
  document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

/** The operation that is meant: the named one, or the only one there is. */
export function operationMeant(
  query: string,
  operationName: string | null | undefined,
): OperationDefinitionNode | null {
  const document = parseOrNull(query);
  const operations = document ? operationsOf(document) : [];
  // GraphiQL's idea of the name lags behind what is being typed.
  if (operations.length === 1) return operations[0] ?? null;
  return operations.find(({ name }) => name?.value === operationName) ?? null;
}
