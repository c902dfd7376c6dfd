import { operationFromDocument } from "@apollo/federation-internals";
import { executeQueryPlan } from "@apollo/gateway/dist/executeQueryPlan.js";
import { buildOperationContext } from "@apollo/gateway/dist/operationContext.js";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { graphql, type OperationDefinitionNode, parse } from "graphql";
import { createProgramFor } from "../router/src/programs.ts";
import { loadSupergraph } from "../router/src/supergraph.ts";
import { compose } from "../router/src/testing/library.ts";

/**
 * The router's executor beside Apollo's, from a plan to the answer's text, without any network: subgraphs' answers are
 * recorded once and parsed again for each call. The graph and the query have the shape of the public gateways benchmark.
 * Rounds alternate, since the machine's own speed varies; what is compared is CPU time.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const ROUND_MS = Number(process.env.ROUND_MS ?? 1_500);

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires", "@shareable"])`;

const SDL = {
  accounts: `${LINK}
    type Query { me: User users: [User] }
    type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }`,
  inventory: `${LINK}
    type Product @key(fields: "upc") {
      upc: String! weight: Int @external price: Int @external inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
    }`,
  products: `${LINK}
    type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  reviews: `${LINK}
    type Review @key(fields: "id") { id: ID! body: String author: User product: Product }
    type User @key(fields: "id") { id: ID! username: String @shareable numberOfReviews: Int reviews: [Review] }
    type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
};

const QUERY = `
  fragment User on User { id username name }
  fragment Review on Review { id body }
  fragment Product on Product { inStock name price shippingEstimate upc weight }
  query TestQuery {
    users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } } } }
    topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
  }`;

const USERS = ["1", "2", "3", "4", "5", "6"];
const UPCS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const reviews = Array.from({ length: 11 }, (_, index) => ({
  id: String(index + 1),
  body: "Lorem ipsum dolor sit amet, consetetur sadipscing elitr. ".repeat(3),
  user: USERS[index % 4] ?? "1",
  upc: UPCS[(index * 5) % 6] ?? "1",
}));

const user = (id: string) => ({ __typename: "User", id, username: `@user${id}`, name: `User ${id}` });
const product = (upc: string) => ({ __typename: "Product", upc, name: `Product ${upc}`, price: 899, weight: 100 });
const review = (one: (typeof reviews)[number]) => ({ ...one, author: user(one.user), product: product(one.upc) });

const schemas = new Map(
  Object.entries({
    accounts: {
      Query: { users: () => USERS.map(user) },
      User: { __resolveReference: ({ id }: { id: string }) => user(id) },
    },
    inventory: { Product: { __resolveReference: (one: object) => ({ ...one, inStock: true, shippingEstimate: 50 }) } },
    products: {
      Query: { topProducts: () => UPCS.slice(0, 5).map(product) },
      Product: { __resolveReference: ({ upc }: { upc: string }) => product(upc) },
    },
    reviews: {
      User: {
        __resolveReference: ({ id }: { id: string }) => user(id),
        reviews: ({ id }: { id: string }) => reviews.filter((one) => one.user === id).map(review),
      },
      Product: {
        __resolveReference: ({ upc }: { upc: string }) => product(upc),
        reviews: ({ upc }: { upc: string }) => reviews.filter((one) => one.upc === upc).map(review),
      },
    },
  }).map(([name, resolvers]) => [
    name,
    buildSubgraphSchema([{ typeDefs: parse(SDL[name as keyof typeof SDL]), resolvers: resolvers as never }]),
  ]),
);

const recorded = new Map<string, string>();
let fetches = 0;

const answer = async (subgraph: string, query: string, variables: object): Promise<never> => {
  fetches += 1;
  const key = `${subgraph} ${query} ${JSON.stringify(variables)}`;
  let text = recorded.get(key);
  if (text === undefined) {
    const schema = schemas.get(subgraph);
    if (!schema) throw new Error(`There is no ${subgraph}.`);
    text = JSON.stringify(await graphql({ schema, source: query, variableValues: { ...variables } }));
    recorded.set(key, text);
  }
  return JSON.parse(text) as never;
};

const supergraph = loadSupergraph(compose(SDL), {});
const document = parse(QUERY);
const operation = document.definitions.find(
  (one): one is OperationDefinitionNode => one.kind === "OperationDefinition",
);
if (!operation) throw new Error("There is no operation.");
const plan = supergraph.planner.buildQueryPlan(operationFromDocument(supergraph.apiSchema, document));
const operationContext = buildOperationContext({ schema: supergraph.schema, operationDocument: document });
const programFor = createProgramFor(supergraph);

const services = Object.fromEntries(
  Object.keys(SDL).map((name) => [
    name,
    {
      process: ({ request }: { request: { query?: string; variables?: object } }) =>
        answer(name, request.query ?? "", request.variables ?? {}),
    },
  ]),
);

const byApollo = async (): Promise<string> => {
  const { data, errors } = await executeQueryPlan(
    plan,
    services as never,
    { request: { variables: {} }, logger: console, context: {}, metrics: {}, operation } as never,
    operationContext,
    supergraph.supergraphSchema,
    supergraph.apiSchema,
  );
  if (errors) throw errors[0];
  return JSON.stringify({ data });
};

const byRouter = async (): Promise<string> => {
  const { data, errors } = await programFor({ document, operation, variables: {} }).run({
    variables: {},
    call: async ({ subgraph, body }) => {
      // What a subgraph would parse: not the router's work, but the recording is found by it.
      const { query, variables } = parsedBodies.get(body) ?? remember(body);
      return { kind: "answered", response: await answer(subgraph, query, variables) };
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

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

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
