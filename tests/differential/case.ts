import { composeServices } from "@apollo/composition";
import { operationFromDocument } from "@apollo/federation-internals";
import { executeQueryPlan } from "@apollo/gateway/dist/executeQueryPlan.js";
import { buildOperationContext } from "@apollo/gateway/dist/operationContext.js";
import { buildSubgraphSchema } from "@apollo/subgraph";
import {
  type DocumentNode,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { type LoadedSupergraph, loadSupergraph } from "../../router/src/planning/supergraph.ts";
import { createProgramFor } from "../../router/src/testing/programs.ts";
import { createRandom } from "../faults/random.ts";
import { createFakeSubgraph, type FakeSubgraph, type Faults } from "./fake-subgraph.ts";
import { type GeneratedOperation, generateOperation } from "./operations.ts";
import { generateSubgraphs, type Subgraphs } from "./subgraphs.ts";

export interface Graph {
  readonly subgraphs: Subgraphs;
  readonly schemas: ReadonlyMap<string, GraphQLSchema>;
  readonly supergraph: LoadedSupergraph;
  /** With federation's own, as Apollo's executor wants it. */
  readonly supergraphSchema: GraphQLSchema;
  readonly programFor: ReturnType<typeof createProgramFor>;
}

type Path = readonly (string | number)[];

/** What one executor answered. */
export interface Answered {
  readonly data: unknown;
  /** Each once. */
  readonly errors: readonly Told[];
  /** Where the schema was not kept to; told only where there is no error. */
  readonly broken: readonly Path[];
}

interface Told {
  /** Its code and its message. */
  readonly what: string;
  readonly path: Path | null;
}

export type CaseResult =
  | { readonly kind: "equal"; readonly errors: number; readonly broken: number }
  /** The generated text is no valid operation, or the planner refuses it. */
  | { readonly kind: "unusable" }
  /** Apollo's executor fails as a whole: it takes a list for granted where an object of another type has none. */
  | { readonly kind: "apollo failed" }
  | { readonly kind: "different"; readonly what: string; readonly apollo: Answered; readonly own: Answered };

/** Null where these subgraphs do not compose. */
export const createGraph = (seed: number): Graph | null => {
  const subgraphs = generateSubgraphs(createRandom(seed));
  const documents = Object.entries(subgraphs).map(([name, sdl]) => ({ name, typeDefs: parse(sdl) }));
  const { supergraphSdl } = composeServices(documents.map((one) => ({ ...one, url: `http://${one.name}.invalid` })));
  if (supergraphSdl === undefined) return null;
  const supergraph = loadSupergraph(supergraphSdl);
  return {
    subgraphs,
    schemas: new Map(documents.map(({ name, typeDefs }) => [name, buildSubgraphSchema([{ typeDefs }])])),
    supergraph,
    supergraphSchema: supergraph.planner.supergraph.schema.toGraphQLJSSchema(),
    programFor: createProgramFor(supergraph),
  };
};

const FAULTLESS: Faults = { nulls: 0, errors: 0, lies: 0, failures: 0 };

/** One operation against one graph, by Apollo's executor and by the router's own. */
export const runCase = async (graph: Graph, seed: number): Promise<CaseResult & { operation: GeneratedOperation }> => {
  const random = createRandom(seed);
  const operation = generateOperation(graph.supergraph.schema, random.fork("operation"));
  const faults = random.pick<Faults>([
    FAULTLESS,
    { ...FAULTLESS, nulls: 0.15 },
    { ...FAULTLESS, nulls: 0.1, errors: 0.08 },
    { ...FAULTLESS, nulls: 0.1, lies: 0.05 },
    { nulls: 0.1, errors: 0.05, lies: 0.03, failures: 0.1 },
  ]);
  const services = new Map(
    [...graph.schemas].map(([name, schema]) => [name, createFakeSubgraph(name, schema, { seed, faults })]),
  );
  return { operation, ...(await compare(graph, operation, services)) };
};

type Services = ReadonlyMap<string, FakeSubgraph>;

const compare = async (
  graph: Graph,
  { text, variables }: GeneratedOperation,
  services: Services,
): Promise<CaseResult> => {
  const { schema } = graph.supergraph;
  const document = parse(text, { noLocation: true });
  if (validate(schema, document).length > 0) return { kind: "unusable" };
  const operation = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === "OperationDefinition",
  );
  if (!operation) return { kind: "unusable" };
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], { ...variables });
  if (!coerced) return { kind: "unusable" };
  const request = { document, operation, variables };
  const own = await byRouter(graph, request, coerced, services);
  const apollo = await byApollo(graph, request, services).catch((error: unknown) => {
    if (error instanceof TypeError) return null;
    throw error;
  });
  if (!apollo) return { kind: "apollo failed" };
  const what = difference(apollo, own);
  return what === null
    ? { kind: "equal", errors: own.errors.length, broken: own.broken.length }
    : { kind: "different", what, apollo, own };
};

interface Request {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

const byApollo = async (
  { supergraph, supergraphSchema }: Graph,
  { document, operation, variables }: Request,
  services: Services,
): Promise<Answered> => {
  const plan = supergraph.planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema, document));
  const serviceMap = Object.fromEntries(
    [...services].map(([name, service]) => [
      name,
      {
        process: async ({ request }: { request: { query?: string; variables?: Record<string, unknown> } }) =>
          overTheWire(service.answer(request.query ?? "", overTheWire(request.variables ?? {}))),
      },
    ]),
  );
  const { data, errors, extensions } = await executeQueryPlan(
    plan,
    serviceMap as never,
    { request: { variables: { ...variables } }, logger: console, context: {}, metrics: {}, operation } as never,
    buildOperationContext({ schema: supergraph.schema, operationDocument: document }),
    supergraphSchema,
    supergraph.apiSchema,
  );
  const completion: unknown = extensions?.valueCompletion;
  return {
    data: overTheWire(data ?? null),
    errors: toldOf((errors ?? []).map((error) => error.toJSON?.() ?? { message: String(error) })),
    broken: Array.isArray(completion) ? completion.map(({ path }: GraphQLFormattedError) => path ?? []) : [],
  };
};

const byRouter = async (
  { programFor }: Graph,
  request: Request,
  coerced: Readonly<Record<string, unknown>>,
  services: Services,
): Promise<Answered> => {
  const program = await programFor({ ...request, variables: coerced });
  const { data, errors, broken } = await program.run({
    variables: request.variables,
    async call({ subgraph, body }) {
      const service = services.get(subgraph);
      if (!service) throw new Error(`There is no subgraph ${subgraph}.`);
      const { query, variables } = JSON.parse(body);
      return { kind: "answered", response: overTheWire(service.answer(query, variables)) };
    },
  });
  return {
    data: JSON.parse(data.text),
    errors: toldOf(errors.map((error) => error.toJSON())),
    broken: errors.length > 0 ? [] : broken.map(({ path }) => path),
  };
};

const overTheWire = <T>(value: T): T => JSON.parse(JSON.stringify(value));

const toldOf = (errors: readonly GraphQLFormattedError[]): Told[] => {
  const told = errors.map(
    ({ message, path, extensions }): Told => ({
      what: `${extensions?.code}: ${message}`,
      path: path ?? null,
    }),
  );
  return [...new Map(told.map((one) => [JSON.stringify(one), one])).values()];
};

/** Null where there is none but what this router is meant to do better. */
const difference = (apollo: Answered, own: Answered): string | null => {
  // The order of fields is the specification's in one and the plan's in the other.
  if (canonical(apollo.data) !== canonical(own.data)) return "data";
  if (!isExplained(apollo, own)) return "errors";
  const missing = lacking(apollo.broken, own.broken);
  const added = lacking(own.broken, apollo.broken);
  return missing.length === 0 && added.every((path) => isTypeName(path.at(-1))) ? null : "broken promises";
};

/** Apollo's executor nulls an object whose type nobody told without a word; here it is a broken promise. */
const isTypeName = (name: string | number | undefined): boolean => name === "__typename" || name === "kind";

/**
 * Whether both tell the same errors. Of entities of which some could not be asked about Apollo's executor counts all, so
 * that it tells a wrong place: another place is accepted where the router's is that of a null.
 */
const isExplained = (apollo: Answered, own: Answered): boolean => {
  const missing = lacking(apollo.errors, own.errors);
  const added = lacking(own.errors, apollo.errors);
  return (
    added.every(({ path }) => isNullAt(own.data, path)) &&
    missing.every(({ what }) => own.errors.some((other) => other.what === what)) &&
    added.every(({ what }) => apollo.errors.some((other) => other.what === what))
  );
};

/** Whether the value at `path`, or what it stands in, is null. */
const isNullAt = (data: unknown, path: Path | null): boolean => {
  let value = data;
  for (const segment of path ?? []) {
    if (value === null) return true;
    if (typeof value !== "object" || value === undefined) return false;
    value = Reflect.get(value, segment);
  }
  return value === null;
};

const lacking = <T>(all: readonly T[], others: readonly T[]): T[] => {
  const known = new Set(others.map((one) => JSON.stringify(one)));
  return all.filter((one) => !known.has(JSON.stringify(one)));
};

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
