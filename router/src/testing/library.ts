import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { composeServices } from "@apollo/composition";
import {
  badUserInput,
  type CallerContext,
  createRequestVerifier,
  DateTimeScalar,
  generateSigningKey,
  type Logger,
  type SubgraphServer,
  silentLogger,
  startSubgraphServer,
} from "@supergraph/service";
import { parse } from "graphql";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { type Router, type RouterConfig, startRouter } from "../server.ts";

/** A graph of another domain than the shop's: two subgraphs of a library. */
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable", "@external", "@requires", "@inaccessible", "@authenticated", "@requiresScopes"])`;

export const booksSdl = `${link}
interface Node { id: ID! }
union Item = Book | Archive
type Query {
  book(id: ID!): Book
  books: [Book!]!
  node(id: ID!): Node
  search(text: String, on: DateTime): [Item!]!
  catalogue: Int @authenticated
  archive: Archive
  strict: String!
  broken: String
  refused: String
  viewer: String
  headers: String
}
type Mutation { login(name: String): String! borrow(id: ID!): Book @authenticated note(name: String): String pause: String }
type Subscription { bookReturned(id: ID!): Book! secret: String @authenticated endless: Book }
scalar DateTime
type Book implements Node @key(fields: "id") {
  id: ID!
  title: String!
  price: Int @requiresScopes(scopes: [["books:finance"]])
  weight: Int! @inaccessible
  sequel: Book
}
type Archive implements Node @authenticated { id: ID! label: String }
`;

export const reviewsSdl = `${link}
type Query { bestReview: Review lostReview: Review }
type Book @key(fields: "id") {
  id: ID!
  weight: Int! @external
  reviews: [Review!]
  stars: Int!
  postage: Int @requires(fields: "weight")
}
type Review { text: String! book: Book! compares: Book }
`;

const titles: Record<string, string> = { "1": "Dune", "2": "Emma", "3": "Ulysses" };
const bookOf = (id: string) =>
  titles[id] ? { __typename: "Book", id, title: titles[id], price: 9, weight: 300 } : null;

/** What the subgraphs saw and may be told, by the test at hand. */
export interface LibraryState {
  readonly fetches: { subgraph: string; context: CallerContext }[];
  readonly opened: Set<string>;
  readonly closed: Set<string>;
  notes: string[];
  /** Lets the mutation `pause` go on. */
  resume(): void;
}

const bookResolvers = (state: LibraryState) => ({
  Query: {
    book: (_: unknown, { id }: { id: string }) => bookOf(id),
    books: () => Object.keys(titles).map(bookOf),
    node: (_: unknown, { id }: { id: string }) =>
      id.startsWith("arc") ? { __typename: "Archive", id, label: "old" } : bookOf(id),
    search: () => [bookOf("1"), { __typename: "Archive", id: "arc_1", label: "old" }],
    catalogue: () => 3,
    archive: () => ({ id: "arc_1", label: "old" }),
    strict: () => null,
    broken: () => {
      throw new Error("connect ECONNREFUSED 10.0.0.7:5432 password=hunter2");
    },
    refused: () => {
      throw badUserInput("Not like this.", "input.name");
    },
    viewer: (_: unknown, __: unknown, context: CallerContext) => {
      state.fetches.push({ subgraph: "books", context });
      return context.viewer ? `${context.viewer.userId} ${context.viewer.scopes.join(",")}` : "guest";
    },
  },
  Mutation: {
    login: (_: unknown, { name }: { name?: string }) => {
      state.notes.push(`login ${name}`);
      return "token";
    },
    borrow: (_: unknown, { id }: { id: string }) => bookOf(id),
    pause: async () => {
      state.notes.push("paused");
      await new Promise<void>((resolve) => {
        state.resume = resolve;
      });
      return "resumed";
    },
    note: (_: unknown, { name }: { name?: string }) => {
      state.notes.push(String(name));
      return name;
    },
  },
  Subscription: {
    bookReturned: {
      subscribe: async function* (_: unknown, { id }: { id: string }) {
        for (const returned of [id, "2", "3"]) yield { bookReturned: bookOf(returned) };
      },
    },
    secret: {
      subscribe: async function* () {
        yield { secret: "kept" };
      },
    },
    endless: {
      subscribe: () => {
        state.opened.add("endless");
        let end: () => void = () => undefined;
        const ended = new Promise<IteratorResult<unknown>>((resolve) => {
          end = () => resolve({ done: true, value: undefined });
        });
        let sent = false;
        return {
          [Symbol.asyncIterator]() {
            return this;
          },
          next() {
            if (sent) return ended;
            sent = true;
            return Promise.resolve({ done: false, value: { endless: bookOf("1") } });
          },
          async return() {
            state.closed.add("endless");
            end();
            return { done: true, value: undefined };
          },
        };
      },
    },
  },
  DateTime: DateTimeScalar,
  Item: { __resolveType: (value: { __typename: string }) => value.__typename },
  Node: { __resolveType: (value: { __typename: string }) => value.__typename },
  Book: {
    __resolveReference: ({ id }: { id: string }) => bookOf(id),
    sequel: ({ id }: { id: string }) => bookOf(String(Number(id) + 1)),
  },
});

const reviewResolvers = {
  Query: {
    bestReview: () => ({ text: "Long.", book: { id: "1" }, compares: { id: "no longer in the library" } }),
    lostReview: () => ({ text: "Gone.", book: { id: "no longer in the library" } }),
  },
  Book: {
    __resolveReference: (reference: { id: string; weight?: number }) => reference,
    reviews: ({ id }: { id: string }) => [{ text: `${titles[id]} again.`, book: { id } }],
    stars: ({ id }: { id: string }) => Number(id),
    postage: ({ weight }: { weight: number }) => weight * 2,
  },
};

export interface Library {
  readonly router: Router;
  readonly state: LibraryState;
  readonly books: SubgraphServer;
  readonly reviews: SubgraphServer;
  /** An access token; `claims` replaces claims, `expiresIn` is in seconds. */
  token(claims?: JWTPayload, expiresIn?: number): Promise<string>;
  /** What verifies the router's signatures. */
  readonly routerKeys: { keys: JWK[] };
  readonly accessKey: AccessKey;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** POSTs an operation and reads its JSON. */
  ask(query: string, options?: AskOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface AskOptions {
  readonly variables?: unknown;
  readonly operationName?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

/** Of the router; `urls` sends it to other subgraphs, by name. */
export type LibraryConfig = Partial<RouterConfig> & {
  readonly urls?: Readonly<Record<string, string>>;
  readonly routerLog?: Logger;
  readonly accessKey?: AccessKey;
};

/** What signs access tokens, and verifies them. */
export interface AccessKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  token(claims?: JWTPayload, expiresIn?: number): Promise<string>;
}

export const createAccessKey = async (): Promise<AccessKey> => {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  return {
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid: "access-1", use: "sig", alg: "EdDSA" },
    token: (claims = {}, expiresIn = 60) =>
      new SignJWT({ sid: "ses_1", roles: [], scope: "", ...claims })
        .setProtectedHeader({ alg: "EdDSA", kid: "access-1" })
        .setSubject("usr_1")
        .setIssuer(typeof claims.iss === "string" ? claims.iss : "supergraph-users")
        .setAudience(typeof claims.aud === "string" ? claims.aud : "supergraph")
        .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
        .sign(privateKey),
  };
};

/** Starts subgraphs, key source and router. */
export const startLibrary = async ({
  urls = {},
  routerLog,
  accessKey: given,
  ...config
}: LibraryConfig = {}): Promise<Library> => {
  const accessKey = given ?? (await createAccessKey());
  const log = silentLogger();
  const state: LibraryState = { fetches: [], opened: new Set(), closed: new Set(), notes: [], resume: () => undefined };
  const { privateJwk, publicJwks } = await generateSigningKey();
  const subgraph = (name: string, typeDefs: string, resolvers: object) =>
    startSubgraphServer({
      name,
      host: "127.0.0.1",
      port: 0,
      typeDefs,
      resolvers,
      createContext: (caller) => caller,
      verifier: createRequestVerifier({ subgraph: name, keys: publicJwks }),
      readiness: [],
      log,
    });
  const [books, reviews] = await Promise.all([
    subgraph("books", booksSdl, bookResolvers(state)),
    subgraph("reviews", reviewsSdl, reviewResolvers),
  ]);
  const keySource = await startServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [accessKey.publicJwk] }));
  });
  const { server, authentication, subscriptions, subgraphs, ...others } = config;
  const calledAt = { books: books.url, reviews: reviews.url, ...urls };
  const router = await startRouter(
    {
      supergraph: { sdl: librarySupergraph() },
      signing: { key: privateJwk },
      authentication: { jwksUrl: keySource.url, ...authentication },
      server: { port: 0, drainMs: 2_000, ...server },
      subscriptions: { heartbeatMs: 50, ...subscriptions },
      subgraphs: {
        ...subgraphs,
        overrides: Object.fromEntries(
          Object.entries(calledAt).map(([name, url]) => [name, { url, ...subgraphs?.overrides?.[name] }]),
        ),
      },
      // What is planned in the thread of the tests starts sooner; the other one has tests of its own.
      planning: { thread: false },
      log: { level: "silent" },
      ...others,
    },
    { log: routerLog ?? log },
  );
  const request = (path: string, init?: RequestInit) => fetch(`${router.url}${path}`, init);
  return {
    router,
    state,
    books,
    reviews,
    routerKeys: publicJwks,
    accessKey,
    request,
    token: accessKey.token,
    async ask(query, { variables, operationName, token, headers } = {}) {
      const response = await request("/graphql", {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        body: JSON.stringify({ query, variables, operationName }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, ...JSON.parse(text) };
    },
    async stop() {
      await router.stop();
      await Promise.all([books.stop(), reviews.stop(), keySource.stop()]);
    },
  };
};

let composed: string | undefined;

export const librarySupergraph = (): string => {
  composed ??= compose({ books: booksSdl, reviews: reviewsSdl });
  return composed;
};

export const compose = (subgraphs: Readonly<Record<string, string>>): string => {
  const result = composeServices(
    Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `http://127.0.0.1:1/${name}`, typeDefs: parse(sdl) })),
  );
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join("\n"));
  return result.supergraphSdl;
};

/** A bare HTTP server, to stand for a subgraph or a key source that misbehaves. */
export const startServer = async (
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; port: number; stop(): Promise<void> }> => {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
