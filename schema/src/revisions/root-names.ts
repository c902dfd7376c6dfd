import { type DocumentNode, Kind } from "graphql";

/** The API's names of root types by those that a subgraph states. */
export const rootNames = ({ definitions }: DocumentNode): ReadonlyMap<string, string> =>
  new Map(
    definitions.flatMap((node) =>
      node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION
        ? (node.operationTypes ?? []).map(({ operation, type }) => [
            type.name.value,
            `${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}`,
          ])
        : [],
    ),
  );
