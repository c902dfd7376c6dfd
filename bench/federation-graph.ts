import { buildSubgraphSchema } from "@apollo/subgraph";
import { type GraphQLSchema, graphql, parse } from "graphql";

/**
 * The graph of the public gateways benchmark, with data of the same shape: four subgraphs, of which `ENTITY_QUERY` needs 16
 * fetches, as each level of its answer asks for entities of the one above. Every review is by the first user and every
 * user has the first two reviews, as there; all subgraphs agree about what more than one of them can answer, so that
 * gateways whose plans differ answer the same.
 */
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@provides", "@requires", "@shareable"])`;

export const FEDERATION_SDL = {
  accounts: `${LINK}
    type Query { me: User user(id: ID!): User users: [User] }
    type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }`,
  inventory: `${LINK}
    type Product @key(fields: "upc") {
      upc: String! weight: Int @external price: Int @external inStock: Boolean shippingEstimate: Int @requires(fields: "price weight")
    }`,
  products: `${LINK}
    type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  reviews: `${LINK}
    type Review @key(fields: "id") { id: ID! body: String author: User @provides(fields: "username") product: Product }
    type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] }
    type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
};

export type SubgraphName = keyof typeof FEDERATION_SDL;

export const SUBGRAPH_NAMES = Object.keys(FEDERATION_SDL) as SubgraphName[];

/** 16 fetches by the plan of Apollo, and an answer of about 88 KB. */
export const ENTITY_QUERY = `
  fragment User on User { id username name }
  fragment Review on Review { id body }
  fragment Product on Product { inStock name price shippingEstimate upc weight }
  query TestQuery {
    users { ...User reviews { ...Review product { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } } } }
    topProducts { ...Product reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } } }
  }`;

/** One fetch, of which the answer is small: what a gateway adds to it is nearly all that it costs. */
export const ONE_FETCH_QUERY = "query TopProducts { topProducts { upc name price weight } }";

const LOREM =
  "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. ";

const user = (id: string) => ({
  __typename: "User",
  id,
  name: `Name of ${id}`,
  username: `user-${id}`,
  birthday: 1990,
});
const USERS = ["1", "2", "3", "4", "5", "6"].map(user);

const PRODUCTS = [
  { name: "Table", price: 899, weight: 100 },
  { name: "Couch", price: 1_299, weight: 1_000 },
  { name: "Glass", price: 15, weight: 20 },
  { name: "Chair", price: 499, weight: 100 },
  { name: "TV", price: 1_299, weight: 1_000 },
  { name: "Lamp", price: 6_999, weight: 300 },
  { name: "Grill", price: 3_999, weight: 2_000 },
  { name: "Fridge", price: 100_000, weight: 6_000 },
  { name: "Sofa", price: 9_999, weight: 800 },
].map((product, index) => ({ __typename: "Product", upc: String(index + 1), ...product }));

/** Product and length of the text. */
const REVIEWS = (
  [
    ["1", 455],
    ["1", 285],
    ["1", 275],
    ["1", 145],
    ["2", 455],
    ["2", 285],
    ["2", 275],
    ["2", 145],
    ["3", 145],
    ["4", 145],
    ["4", 840],
  ] as const
).map(([upc, length], index) => ({
  id: String(index + 1),
  body: LOREM.repeat(7).slice(0, length),
  author: user("1"),
  product: { __typename: "Product", upc },
}));

const productOf = ({ upc }: { upc: string }) => PRODUCTS.find((product) => product.upc === upc) ?? null;

const RESOLVERS = {
  accounts: {
    Query: {
      me: () => USERS[0],
      user: (_: unknown, { id }: { id: string }) => USERS.find((one) => one.id === id) ?? null,
      users: () => USERS,
    },
    User: { __resolveReference: ({ id }: { id: string }) => USERS.find((one) => one.id === id) ?? null },
  },
  inventory: {
    Product: {
      __resolveReference: (reference: object) => reference,
      inStock: ({ upc }: { upc: string }) => Number(upc) % 3 !== 0,
      shippingEstimate: ({ price, weight }: { price: number; weight: number }) => (price > 1_000 ? 0 : weight / 2),
    },
  },
  products: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => PRODUCTS.slice(0, first) },
    Product: { __resolveReference: productOf },
  },
  reviews: {
    Review: { __resolveReference: ({ id }: { id: string }) => REVIEWS.find((review) => review.id === id) ?? null },
    User: {
      __resolveReference: ({ id }: { id: string }) => USERS.find((one) => one.id === id) ?? null,
      reviews: () => REVIEWS.slice(0, 2),
    },
    Product: {
      __resolveReference: ({ upc }: { upc: string }) => ({ __typename: "Product", upc }),
      reviews: ({ upc }: { upc: string }) => REVIEWS.filter(({ product }) => product.upc === upc),
    },
  },
};

/** What a subgraph executes; its answer is JSON text. Throws where the operation is not one of the subgraph. */
export const createSubgraphExecutors = (): Readonly<
  Record<SubgraphName, (query: string, variables: object) => Promise<string>>
> => {
  const executorOf = (name: SubgraphName) => {
    const schema: GraphQLSchema = buildSubgraphSchema([
      { typeDefs: parse(FEDERATION_SDL[name]), resolvers: RESOLVERS[name] as never },
    ]);
    return async (query: string, variables: object): Promise<string> => {
      const { data, errors } = await graphql({ schema, source: query, variableValues: { ...variables } });
      if (errors?.[0]) throw new Error(`${name} was asked what it cannot answer: ${errors[0].message} in ${query}`);
      return JSON.stringify({ data });
    };
  };
  return {
    accounts: executorOf("accounts"),
    inventory: executorOf("inventory"),
    products: executorOf("products"),
    reviews: executorOf("reviews"),
  };
};
