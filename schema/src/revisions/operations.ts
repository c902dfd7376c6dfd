import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, parse, Source } from "graphql";
import { isMap, isScalar, LineCounter, parseDocument, parse as parseYaml } from "yaml";
import { z } from "zod";
import { UsageError } from "../usage-error.ts";
import type { FileTree } from "./file-tree.ts";

/** An operation that a client is known to send. */
export interface KnownOperation {
  /** `storefront/ProductPage`: what traffic, reports and approvals call it. */
  readonly id: string;
  /** The folder that it is in. */
  readonly client: string;
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** The operation with the fragments of its file. */
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
}

export interface OperationProblem {
  readonly kind: "syntax" | "duplicate" | "anonymous";
  /** Of the operation; null where it has none. */
  readonly id: string | null;
  readonly message: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

export interface KnownOperations {
  readonly operations: readonly KnownOperation[];
  readonly problems: readonly OperationProblem[];
  /** Requests of an operation by its id, in whatever unit: only ratios are used. Null where nobody measured. */
  readonly traffic: ReadonlyMap<string, number> | null;
  /** The file of `traffic`. */
  readonly trafficPath: string;
  /** Where an operation's figure stands in it, from 1. */
  readonly trafficLines?: ReadonlyMap<string, number>;
}

/**
 * Reads `<folder>/<client>/*.graphql`, and `<folder>/traffic.yaml` where there is one. A file may hold several operations and
 * the fragments that they use.
 * @throws UsageError when the traffic figures are malformed.
 */
export const readOperations = async (tree: FileTree, folder: string): Promise<KnownOperations> => {
  const trafficPath = `${folder}/traffic.yaml`;
  const paths = (await tree.list(folder)).filter((path) => path.endsWith(".graphql"));
  const [trafficText, ...texts] = await tree.read([trafficPath, ...paths]);
  const operations: KnownOperation[] = [];
  const problems: OperationProblem[] = [];
  const ids = new Set<string>();
  for (const [index, path] of paths.entries()) {
    const document = parseFile(path, texts[index] ?? "");
    if ("kind" in document && document.kind === "syntax") {
      problems.push(document);
      continue;
    }
    for (const operation of operationsOf(document as DocumentNode, path, clientOf(path, folder))) {
      const place = { path, ...placeOf(operation.definition) };
      if (operation.name === "")
        problems.push({
          kind: "anonymous",
          id: null,
          message: "An operation without a name cannot be known.",
          ...place,
        });
      else if (ids.has(operation.id))
        problems.push({
          kind: "duplicate",
          id: operation.id,
          message: `${operation.id} is defined twice.`,
          ...place,
        });
      else operations.push(operation);
      ids.add(operation.id);
    }
  }
  return {
    operations,
    problems,
    traffic: parseTraffic(trafficText ?? null, trafficPath),
    trafficPath,
    trafficLines: keyLines(trafficText ?? ""),
  };
};

const parseFile = (path: string, text: string): DocumentNode | OperationProblem => {
  try {
    return parse(new Source(text, path));
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const [{ line, column } = { line: 1, column: 1 }] = error.locations ?? [];
    return { kind: "syntax", id: null, message: error.message, path, line, column };
  }
};

const clientOf = (path: string, folder: string): string =>
  path
    .slice(folder.length + 1)
    .split("/")
    .slice(0, -1)
    .join("/") || "unknown";

const operationsOf = (document: DocumentNode, path: string, client: string): KnownOperation[] => {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const text = document.loc?.source.body ?? "";
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    const name = definition.name?.value ?? "";
    return [
      {
        id: `${client}/${name}`,
        client,
        name,
        path,
        text,
        definition,
        document: { ...document, definitions: [definition, ...fragments] },
      },
    ];
  });
};

const placeOf = ({ loc }: OperationDefinitionNode): { line: number; column: number } => ({
  line: loc?.startToken.line ?? 1,
  column: loc?.startToken.column ?? 1,
});

const Traffic = z.record(z.string(), z.number().nonnegative());

const parseTraffic = (text: string | null, path: string): ReadonlyMap<string, number> | null => {
  if (text === null) return null;
  const traffic = Traffic.safeParse(readYaml(text, path) ?? {});
  if (!traffic.success)
    throw new UsageError(
      `${path}: expected a number of requests for each operation, such as \`storefront/ProductPage: 1200\`.\n${z.prettifyError(traffic.error)}`,
    );
  return new Map(Object.entries(traffic.data));
};

const keyLines = (text: string): ReadonlyMap<string, number> => {
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines });
  const entries = isMap(contents) ? contents.items : [];
  return new Map(
    entries.flatMap(({ key }) =>
      isScalar(key) && key.range ? [[String(key.value), lines.linePos(key.range[0]).line]] : [],
    ),
  );
};

const readYaml = (text: string, path: string): unknown => {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new UsageError(`${path} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
};
