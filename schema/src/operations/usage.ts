import type { GraphQLError, GraphQLSchema } from "graphql";
import type { Subject } from "../check/comparison.ts";
import { type Finding, finding, type Location, type Side } from "../findings/finding.ts";
import type { KnownOperation, KnownOperations, OperationProblem } from "../revisions/operations.ts";
import { shareLine, trafficShares } from "./traffic.ts";
import { errorsOf, isValid } from "./validity.ts";

/**
 * What becomes of the operations that clients are known to send. Those of the head are what clients send from now on; a text that the head
 * changed or dropped is what released clients may still send.
 */
export const usageFindings = ({ head, base, config }: Subject): Finding[] => {
  const { operations, problems, traffic, trafficPath, trafficLines } = head.revision.operations;
  const shares = trafficShares(head.revision.operations);
  const owner = (client: string): string => config.owners[client] ?? client;
  const former = new Map(base?.revision.operations.operations.map((operation) => [operation.id, operation]));
  const evidence = (operation: KnownOperation, errors: readonly GraphQLError[]): string[] => [
    ...errors.map(({ message }) => message),
    ...shareLine(shares.get(operation.id)),
    `ask ${owner(operation.client)}`,
  ];

  return [
    ...problems.map(problemFinding),
    ...operations.flatMap((operation): Finding[] => {
      const errors = errorsOf(head.api, operation);
      if (errors.length === 0)
        return brokenUntilRelease(operation, former.get(operation.id), head.api, base?.api, evidence);
      const wasValid = base !== null && isValid(base.api, operation);
      return [
        finding(wasValid ? "OPERATION_BROKEN" : "OPERATION_INVALID", {
          message: wasValid ? `${operation.id} breaks.` : `${operation.id} is not valid.`,
          coordinate: operation.id,
          locations: placesOf(operation, errors, "head"),
          details: evidence(operation, errors),
        }),
      ];
    }),
    ...retired(head.revision.operations, base?.revision.operations, problems),
    ...[...(traffic?.keys() ?? [])]
      .filter((id) => !operations.some((operation) => operation.id === id))
      .map((id) =>
        finding("TRAFFIC_UNKNOWN_OPERATION", {
          message: `${id} has traffic and no document.`,
          coordinate: id,
          locations: [{ path: trafficPath, line: trafficLines?.get(id) ?? 1, column: 1, side: "head" }],
        }),
      ),
  ];
};

const problemFinding = ({ kind, id, message, path, line, column }: OperationProblem): Finding =>
  finding(PROBLEM_CODES[kind], { coordinate: id, message, locations: [{ path, line, column, side: "head" }] });

const PROBLEM_CODES = {
  syntax: "OPERATION_SYNTAX_ERROR",
  anonymous: "OPERATION_ANONYMOUS",
  duplicate: "OPERATION_DUPLICATE",
} as const;

/** What clients have in the field is the base's text, until they are updated. */
const brokenUntilRelease = (
  operation: KnownOperation,
  before: KnownOperation | undefined,
  api: GraphQLSchema,
  apiBefore: GraphQLSchema | undefined,
  evidence: (operation: KnownOperation, errors: readonly GraphQLError[]) => string[],
): Finding[] => {
  if (before === undefined || before.text === operation.text || apiBefore === undefined) return [];
  const errors = errorsOf(api, before);
  if (errors.length === 0 || !isValid(apiBefore, before)) return [];
  return [
    finding("OPERATION_BROKEN_UNTIL_RELEASE", {
      message: `${operation.id} was changed with the schema, and its former text breaks.`,
      coordinate: operation.id,
      locations: placesOf(before, errors, "base"),
      details: evidence(before, errors),
    }),
  ];
};

const retired = (
  head: KnownOperations,
  base: KnownOperations | undefined,
  problems: readonly OperationProblem[],
): Finding[] => {
  const known = new Set(head.operations.map(({ id }) => id));
  const unread = new Set(problems.map(({ path }) => path));
  return (base?.operations ?? [])
    .filter(({ id, path }) => !known.has(id) && !unread.has(path))
    .map((operation) =>
      finding("OPERATION_RETIRED", {
        message: `${operation.id} is no longer known.`,
        coordinate: operation.id,
        locations: placesOf(operation, [], "base"),
      }),
    );
};

/** Where the errors are, or the operation where there are none. */
const placesOf = ({ path, definition }: KnownOperation, errors: readonly GraphQLError[], side: Side): Location[] => {
  const found = errors.flatMap(({ locations }) => locations ?? []);
  const { line, column } = definition.loc?.startToken ?? { line: 1, column: 1 };
  return (found.length > 0 ? found : [{ line, column }]).map((at) => ({
    path,
    line: at.line,
    column: at.column,
    side,
  }));
};
