import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { buildSchema, graphql, parse } from "graphql";
import { createHandler } from "graphql-sse/lib/use/http";
import { playgroundDist } from "../../scripts/playground-build.mjs";

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const shopConfig = {
  title: "Fake shop",
  endpoint: "/graphql",
  signIn: {
    operation: "mutation SignIn($email: String!) { login(email: $email) { accessToken userErrors { message } } }",
    accounts: [
      { label: "Ada (customer)", variables: { email: "ada@example.com" } },
      { label: "Grace (locked)", variables: { email: "locked@example.com" } },
    ],
    tokenPath: ["login", "accessToken"],
  },
  operations: [
    {
      name: "Browse products",
      query: "query Products($first: Int!) {\n  products(first: $first) {\n    id\n    name\n  }\n}\n",
      variables: { first: 2 },
    },
    { name: "Who am I", query: "query Me {\n  me\n}\n" },
    { name: "Watch the stock", query: "subscription Stock {\n  stockChanged\n}\n" },
    { name: "Never answered", query: "query Slow {\n  slow\n}\n" },
  ],
};

const schema = buildSchema(`
  "What a shop sells."
  type Product { id: ID! "As printed on the label." name: String! }
  type UserError { message: String! }
  type LoginPayload { accessToken: String, userErrors: [UserError!]! }
  type Query {
    "The catalogue, in order of id."
    products(first: Int!): [Product!]!
    "Who is signed in; null for a guest."
    me: String
    slow: String
  }
  type Mutation { login(email: String!): LoginPayload! }
  type Subscription { stockChanged: Int! }
`);

export interface FakeGraph {
  readonly url: string;
  /** What `/playground/config.json` answers; a string is sent as it is. */
  config: unknown;
  /** Tokens issued so far are refused with 401 from now on. */
  expireTokens(): void;
  /** Streams that clients hold open now. */
  openStreams(): number;
  stop(): Promise<void>;
}

/** What the playground needs of a router: the built files under the strict policy, a configuration, a graph. */
export async function startFakeGraph(): Promise<FakeGraph> {
  const validTokens = new Set<string>();
  let issued = 0;
  let streams = 0;

  const rootValue = {
    products: ({ first }: { first: number }) =>
      ["Tent", "Stove", "Lamp"].slice(0, first).map((name, index) => ({ id: `prd_${index}`, name })),
    me: (_arguments: unknown, { user }: { user: string | null }) => user,
    slow: () => new Promise(() => {}),
    login: ({ email }: { email: string }) => {
      if (email !== "ada@example.com")
        return { accessToken: null, userErrors: [{ message: "This account is locked." }] };
      issued += 1;
      const accessToken = `token-${issued}`;
      validTokens.add(accessToken);
      return { accessToken, userErrors: [] };
    },
    stockChanged: async function* () {
      streams += 1;
      try {
        for (let stock = 1; ; stock += 1) {
          yield { stockChanged: stock };
          await new Promise((resolve) => setTimeout(resolve, 40));
        }
      } finally {
        streams -= 1;
      }
    },
  };

  const stream = createHandler({
    schema,
    onSubscribe: (_request, params) => ({ schema, rootValue, document: parse(params.query), contextValue: undefined }),
  });

  const answerGraphql = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const token = request.headers.authorization?.replace(/^Bearer /, "");
    if (token && !validTokens.has(token)) {
      return send(response, 401, "application/json", '{"errors":[{"message":"The token has expired."}]}');
    }
    if (request.headers.accept?.includes("text/event-stream")) return stream(request, response);
    const { query, variables, operationName } = JSON.parse(await bodyOf(request));
    const contextValue = { user: token ? `ada with ${token}` : null };
    const result = await graphql({
      schema,
      rootValue,
      contextValue,
      source: query,
      variableValues: variables,
      operationName,
    });
    send(response, 200, "application/json", JSON.stringify(result));
  };

  const graph: FakeGraph = {
    url: "",
    config: shopConfig,
    expireTokens: () => validTokens.clear(),
    openStreams: () => streams,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const answered =
      pathname === "/graphql"
        ? answerGraphql(request, response)
        : pathname === "/playground/config.json"
          ? send(
              response,
              200,
              "application/json",
              typeof graph.config === "string" ? graph.config : JSON.stringify(graph.config),
            )
          : sendFile(response, pathname);
    Promise.resolve(answered).catch((error) => send(response, 500, "text/plain", String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error(`Expected a TCP address, got ${address}`);
  return Object.assign(graph, { url: `http://localhost:${address.port}` });
}

const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
};

async function sendFile(response: ServerResponse, pathname: string): Promise<void> {
  const file = join(playgroundDist, normalize(pathname === "/" ? "/index.html" : pathname));
  const body = await readFile(file).catch(() => null);
  if (body === null) return send(response, 404, "text/plain", "Not found");
  send(response, 200, contentTypes[extname(file)] ?? "application/octet-stream", body);
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { "content-type": type, "content-security-policy": contentSecurityPolicy }).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
