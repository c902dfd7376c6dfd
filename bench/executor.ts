import { operationFromDocument } from "@apollo/federation-internals";
import { executeQueryPlan } from "@apollo/gateway/dist/executeQueryPlan.js";
import { buildOperationContext } from "@apollo/gateway/dist/operationContext.js";
import { type OperationDefinitionNode, parse } from "graphql";
import { loadSupergraph } from "../router/src/planning/supergraph.ts";
import { compose } from "../router/src/testing/library.ts";
import { createProgramFor } from "../router/src/testing/programs.ts";
import {
  createSubgraphExecutors,
  ENTITY_QUERY,
  FEDERATION_SDL,
  SUBGRAPH_NAMES,
  type SubgraphName,
} from "./federation-graph.ts";
import { median } from "./statistics.ts";

/**
 * The router's executor beside Apollo's, from a plan to the answer's text, without any network: subgraphs' answers are
 * recorded once and parsed again for each call. The graph and the query have the shape of the public gateways benchmark.
 * Rounds alternate, since the machine's own speed varies; what is compared is CPU time.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const ROUND_MS = Number(process.env.ROUND_MS ?? 1_500);

const executors = createSubgraphExecutors();
const recorded = new Map<string, string>();
let fetches = 0;

const answer = async (subgraph: SubgraphName, query: string, variables: object): Promise<never> => {
  fetches += 1;
  const key = `${subgraph} ${query} ${JSON.stringify(variables)}`;
  let text = recorded.get(key);
  if (text === undefined) {
    text = await executors[subgraph](query, variables);
    recorded.set(key, text);
  }
  return JSON.parse(text) as never;
};

const supergraph = loadSupergraph(compose(FEDERATION_SDL));
const document = parse(ENTITY_QUERY);
const operation = document.definitions.find(
  (one): one is OperationDefinitionNode => one.kind === "OperationDefinition",
);
if (!operation) throw new Error("There is no operation.");
const plan = supergraph.planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema, document));
const operationContext = buildOperationContext({ schema: supergraph.schema, operationDocument: document });
const programFor = createProgramFor(supergraph);

const services = Object.fromEntries(
  SUBGRAPH_NAMES.map((name) => [
    name,
    {
      process: ({ request }: { request: { query?: string; variables?: object } }) =>
        answer(name, request.query ?? "", request.variables ?? {}),
    },
  ]),
);

const supergraphSchema = supergraph.planner.supergraph.schema.toGraphQLJSSchema();
const byApollo = async (): Promise<string> => {
  const { data, errors } = await executeQueryPlan(
    plan,
    services as never,
    { request: { variables: {} }, logger: console, context: {}, metrics: {}, operation } as never,
    operationContext,
    supergraphSchema,
    supergraph.apiSchema,
  );
  if (errors) throw errors[0];
  return JSON.stringify({ data });
};

const byRouter = async (): Promise<string> => {
  const { data, errors } = await (await programFor({ document, operation, variables: {} })).run({
    variables: {},
    call: async ({ subgraph, body }) => {
      // What a subgraph would parse: not the router's work, but the recording is found by it.
      const { query, variables } = parsedBodies.get(body) ?? remember(body);
      return { kind: "answered", response: await answer(subgraph as SubgraphName, query, variables) };
    },
  });
  if (errors[0]) throw errors[0];
  return `{"data":${data.text}}`;
};

const parsedBodies = new Map<string, { query: string; variables: object }>();
const remember = (body: string) => {
  const parsed = JSON.parse(body) as { query: string; variables: object };
  parsedBodies.set(body, parsed);
  return parsed;
};

/** Operations in a second of CPU time. */
const measure = async (run: () => Promise<string>): Promise<number> => {
  const before = process.cpuUsage();
  const until = performance.now() + ROUND_MS;
  let operations = 0;
  while (performance.now() < until) {
    await run();
    operations += 1;
  }
  const { user: busy, system } = process.cpuUsage(before);
  return operations / ((busy + system) / 1e6);
};

fetches = 0;
const [apollo, own] = [await byApollo(), await byRouter()];
if (apollo !== own) throw new Error("The two do not answer the same.");
process.stdout.write(`${own.length} bytes, ${fetches / 2} fetches each\n`);
const measured: { apollo: number[]; router: number[] } = { apollo: [], router: [] };
for (let round = 0; round <= ROUNDS; round += 1) {
  const apolloRound = await measure(byApollo);
  const routerRound = await measure(byRouter);
  // The first one warms up.
  if (round === 0) continue;
  measured.apollo.push(apolloRound);
  measured.router.push(routerRound);
}
const [apolloMedian, routerMedian] = [median(measured.apollo), median(measured.router)];
process.stdout.write(
  `operations a CPU second, median of ${ROUNDS} rounds: Apollo's executor ${apolloMedian.toFixed(0)}, the router's ${routerMedian.toFixed(0)}; ratio ${(routerMedian / apolloMedian).toFixed(1)}\n`,
);
