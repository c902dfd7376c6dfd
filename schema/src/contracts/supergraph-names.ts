import { type DocumentNode, Kind, valueFromASTUntyped } from "graphql";

/** How a supergraph calls what contracts are made with. */
export interface SupergraphNames {
  readonly tag: string;
  readonly inaccessible: string;
  readonly isInaccessibleLinked: boolean;
  /** Of queries, then of mutations and subscriptions where there are any. */
  readonly roots: readonly string[];
  /** Whether a type is federation's own. */
  isOwn(typeName: string): boolean;
}

export const supergraphNames = ({ definitions }: DocumentNode): SupergraphNames => {
  const schemas = definitions.filter(
    (node) => node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION,
  );
  const links = schemas.flatMap(({ directives = [] }) =>
    directives.flatMap(({ name, arguments: given = [] }) => {
      if (name.value !== "link") return [];
      const values = Object.fromEntries(given.map((one) => [one.name.value, valueFromASTUntyped(one.value)]));
      const [, specified] = /^https:\/\/specs\.apollo\.dev\/(\w+)\//.exec(String(values.url)) ?? [];
      return specified === undefined
        ? []
        : [{ specified, name: typeof values.as === "string" ? values.as : specified }];
    }),
  );
  const nameOf = (specified: string): string => links.find((link) => link.specified === specified)?.name ?? specified;
  const own = links.map(({ name }) => `${name}__`);
  const roots = new Map(
    schemas.flatMap(({ operationTypes = [] }) =>
      operationTypes.map(({ operation, type }) => [operation, type.name.value] as const),
    ),
  );
  return {
    tag: nameOf("tag"),
    inaccessible: nameOf("inaccessible"),
    isInaccessibleLinked: links.some(({ specified }) => specified === "inaccessible"),
    roots: (["query", "mutation", "subscription"] as const).flatMap((operation) => roots.get(operation as never) ?? []),
    isOwn: (typeName) => own.some((prefix) => typeName.startsWith(prefix)),
  };
};
