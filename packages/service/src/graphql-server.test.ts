import { pino } from "pino";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { badUserInput } from "./errors.ts";
import { type CallerContext, type SubgraphServer, startSubgraphServer } from "./graphql-server.ts";
import {
  createRequestSigner,
  createRequestVerifier,
  generateSigningKey,
  ROUTER_SIGNATURE_HEADER,
  type Viewer,
} from "./identity.ts";
import { scalarResolvers } from "./scalars.ts";

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@authenticated"])
  scalar DateTime
  input Range { from: DateTime! upTo: Int }
  type Mutation { change(how: String): Change }
  type Change { later: String }
  type Query {
    who: String
    away: String
    broken: String
    refused: String
    since(at: DateTime): String
    within(range: Range!): String
    wrong: DateTime
    secret: String @authenticated
  }
  type Subscription { ticks(upTo: Int): Int endless: Int private: Int @authenticated failing: Int }
`;

const ada: Viewer = { userId: "usr_ada", sessionId: null, roles: ["CUSTOMER"], scopes: [] };

const ticks = async function* (upTo: number) {
  for (let tick = 1; tick <= upTo; tick++) yield { ticks: tick };
};

/** One tick, and then none until it is ended, which it tells. */
const oneTick = (ended: () => void): AsyncIterableIterator<{ ticks: number }> => {
  let ticked = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (ticked) return new Promise(() => undefined);
      ticked = true;
      return { done: false, value: { ticks: 1 } };
    },
    async return() {
      ended();
      return { done: true, value: undefined };
    },
  };
};

let key: Awaited<ReturnType<typeof generateSigningKey>>;
let server: SubgraphServer | undefined;

beforeAll(async () => {
  key = await generateSigningKey();
});

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const serve = async (subscriptionEnded: () => void = () => undefined) => {
  const lines: string[] = [];
  const resolvers = {
    DateTime: scalarResolvers.DateTime,
    Query: {
      who: (_: unknown, __: unknown, { viewer, correlationId }: CallerContext) =>
        `${viewer?.userId ?? "guest"} of ${correlationId}`,
      away: () => Promise.reject(new Error("away, maybe done")),
      broken: () => Promise.reject(new Error("connect ECONNREFUSED postgres://users:hunter2@db")),
      refused: () => {
        throw badUserInput("`first` is too large.", "first");
      },
      since: () => "since",
      within: () => "within",
      wrong: () => "not a date",
    },
    Mutation: {
      change: async (_: unknown, { how }: { how: string }) => {
        if (how !== "done") throw new Error(`away, ${how}`);
        return {};
      },
    },
    Change: { later: () => Promise.reject(new Error("away, maybe done")) },
    Subscription: {
      ticks: { subscribe: (_: unknown, { upTo }: { upTo: number }) => ticks(upTo) },
      endless: { subscribe: () => oneTick(subscriptionEnded), resolve: () => 1 },
      private: { subscribe: () => ticks(1), resolve: () => 1 },
      failing: {
        subscribe: () => ticks(1),
        resolve: () => {
          throw new Error("hunter2");
        },
      },
    },
  };
  const running = await startSubgraphServer({
    name: "things",
    host: "127.0.0.1",
    port: 0,
    typeDefs,
    resolvers,
    createContext: (caller) => caller,
    verifier: createRequestVerifier({ subgraph: "things", keys: key.publicJwks }),
    readiness: [],
    outageOf: (error) => {
      const [, away] = error instanceof Error ? (/^away, (.*)/.exec(error.message) ?? []) : [];
      return away === undefined ? null : away === "not done" ? "undone" : "unknown";
    },
    log: pino({}, { write: (line) => lines.push(line) }),
  });
  server = running;
  const signer = await createRequestSigner({ privateJwk: key.privateJwk });
  const post = async (
    body: string,
    { viewer = null, headers, signal }: { viewer?: Viewer | null; headers?: object; signal?: AbortSignal } = {},
  ) => {
    const signature = await signer.sign({ subgraph: "things", body, caller: { viewer, correlationId: "c-1" } });
    return fetch(running.url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", [ROUTER_SIGNATURE_HEADER]: signature, ...headers },
      ...(signal ? { signal } : {}),
    });
  };
  const ask = async (query: string, variables?: object, viewer?: Viewer) =>
    (await (await post(JSON.stringify({ query, variables }), viewer ? { viewer } : {})).json()) as {
      data?: unknown;
      errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[];
    };
  const subscribe = (query: string, options: { viewer?: Viewer; variables?: object; signal?: AbortSignal } = {}) =>
    post(JSON.stringify({ query, variables: options.variables }), {
      ...options,
      headers: { accept: "text/event-stream" },
    });
  return { running, lines, post, ask, subscribe };
};

/** The data of the events of a whole stream. */
const eventsOf = async (response: Response): Promise<unknown[]> =>
  (await response.text())
    .split("\n\n")
    .filter((event) => event.startsWith("event: next"))
    .map((event) => JSON.parse(event.slice(event.indexOf("data: ") + "data: ".length)) as unknown);

describe("who is answered", () => {
  it("is the router alone: a request without its signature gets nothing", async () => {
    const { running } = await serve();
    const response = await fetch(running.url, { method: "POST", body: '{"query":"{ who }"}' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
  });

  it("is the viewer that the router signed, under the router's correlation id", async () => {
    const { ask } = await serve();
    expect(await ask("{ who }", {}, ada)).toEqual({ data: { who: "usr_ada of c-1" } });
    expect(await ask("{ who }")).toEqual({ data: { who: "guest of c-1" } });
  });

  it("is told nothing of the schema, in neither way of asking", async () => {
    const { ask, subscribe } = await serve();
    const query = "{ __schema { types { name } } }";
    expect((await ask(query)).errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
    const [refused] = await eventsOf(await subscribe(query));
    expect(refused).not.toHaveProperty("data");
    expect(refused).toHaveProperty("errors.0.extensions.code", "GRAPHQL_VALIDATION_FAILED");
  });
});

describe("a body that is no GraphQL request", () => {
  it.each([
    "",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    '{"query":7}',
    "{",
    '[{"query":"{ who }"}]',
    '{"query":"{ who"}',
  ])("is refused as the client's mistake: %s", async (body) => {
    const { post, lines } = await serve();
    for (const accept of ["application/json", "text/event-stream"]) {
      const response = await post(body, { headers: { accept } });
      expect(response.status).toBe(400);
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect(["BAD_REQUEST", "GRAPHQL_PARSE_FAILED"]).toContain(errors[0]?.extensions.code);
    }
    expect(lines).toEqual([]);
  });

  it("is refused as of another media type where a stream was asked for", async () => {
    const { post } = await serve();
    const response = await post("{}", { headers: { accept: "text/event-stream", "content-type": "text/plain" } });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "UNSUPPORTED_MEDIA_TYPE" } }] });
  });
});

describe("errors", () => {
  it("that nobody foresaw are masked under an id that is in the log, with what happened", async () => {
    const { ask, lines } = await serve();
    const { data, errors } = await ask("{ broken who }");
    expect(data).toEqual({ broken: null, who: "guest of c-1" });
    expect(errors).toHaveLength(1);
    expect(errors?.[0]).toMatchObject({ path: ["broken"], extensions: { code: "INTERNAL_SERVER_ERROR" } });
    expect(JSON.stringify(errors)).not.toContain("hunter2");
    const logged = lines.filter((line) => line.includes(String(errors?.[0]?.extensions.errorId)));
    expect(logged.join()).toContain("ECONNREFUSED");
  });

  it("of ours pass with their message and what they carry", async () => {
    const { ask } = await serve();
    expect((await ask("{ refused }")).errors).toMatchObject([
      { message: "`first` is too large.", extensions: { code: "BAD_USER_INPUT", argument: "first" } },
    ]);
  });

  it("call a literal that a scalar refuses a bad input, as they do a variable", async () => {
    const { ask } = await serve();
    const literal = await ask('{ since(at: "2026-02-31T00:00:00Z") }');
    const variable = await ask("query ($at: DateTime) { since(at: $at) }", { at: "2026-02-31T00:00:00Z" });
    for (const { errors } of [literal, variable]) expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  it("call what a resolver got wrong a fault, not a bad input", async () => {
    const { ask } = await serve();
    expect((await ask("{ wrong }")).errors?.[0]?.extensions.code).toBe("INTERNAL_SERVER_ERROR");
  });

  it("suggest no names, of fields or of input fields", async () => {
    const { ask } = await serve();
    const field = (await ask("{ wh }")).errors?.[0];
    expect(field).toMatchObject({ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } });
    expect(field?.message).toBe('Cannot query field "wh" on type "Query".');
    const range = { from: "2026-01-31T12:00:00Z", upToo: 1 };
    const input = (await ask("query ($range: Range!) { within(range: $range) }", { range })).errors?.[0];
    expect(input).toMatchObject({ extensions: { code: "BAD_USER_INPUT" } });
    expect(input?.message).not.toContain("Did you mean");
  });
});

describe("a subscription", () => {
  it("comes as events, and ends with its source", async () => {
    const { subscribe } = await serve();
    const response = await subscribe("subscription { ticks(upTo: 2) }");
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    expect(await eventsOf(response)).toEqual([{ data: { ticks: 1 } }, { data: { ticks: 2 } }]);
  });

  it("may be asked for among other types", async () => {
    const { post } = await serve();
    const response = await post('{"query":"subscription { ticks(upTo: 1) }"}', {
      headers: { accept: "text/event-stream, application/json;q=0.5" },
    });
    expect(await eventsOf(response)).toEqual([{ data: { ticks: 1 } }]);
  });

  it("ends its source when the client leaves", async () => {
    const ended = resolvable();
    const { subscribe } = await serve(ended.resolve);
    const leave = new AbortController();
    const response = await subscribe("subscription { endless }", { signal: leave.signal });
    await response.body?.getReader().read();
    leave.abort();
    await ended.promise;
  });

  it("ends with the server, which does not wait for it", async () => {
    const ended = resolvable();
    const { running, subscribe } = await serve(ended.resolve);
    const response = await subscribe("subscription { endless }");
    await running.stop();
    await ended.promise;
    expect(await eventsOf(response)).toEqual([{ data: { endless: 1 } }]);
  });

  it("is refused to a guest where the field is guarded", async () => {
    const { subscribe } = await serve();
    const refused = await eventsOf(await subscribe("subscription { private }"));
    expect(refused).toMatchObject([{ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] }]);
    expect(await eventsOf(await subscribe("subscription { private }", { viewer: ada }))).toEqual([
      { data: { private: 1 } },
    ]);
  });

  it("has its faults masked, and its client's mistakes told", async () => {
    const { subscribe, lines } = await serve();
    const masked = JSON.stringify(await eventsOf(await subscribe("subscription { failing }")));
    expect(masked).toContain("errorId");
    expect(masked).not.toContain("hunter2");
    expect(lines.join()).toContain("hunter2");
    const variables = { upTo: "many" };
    const wrong = await subscribe("subscription ($upTo: Int) { ticks(upTo: $upTo) }", { variables });
    expect(await eventsOf(wrong)).toMatchObject([{ errors: [{ extensions: { code: "BAD_USER_INPUT" } }] }]);
    const unknown = await eventsOf(await subscribe("subscription { tick }"));
    expect(unknown).toMatchObject([
      {
        errors: [
          {
            message: 'Cannot query field "tick" on type "Subscription".',
            extensions: { code: "GRAPHQL_VALIDATION_FAILED" },
          },
        ],
      },
    ]);
  });
});

const resolvable = () => {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
};

describe("a database that is away", () => {
  const retryable = { code: "SUBGRAPH_UNAVAILABLE", retryable: true, retryAfterMs: 1_000 };

  it.each([
    ["{ away }", ["away"], retryable],
    ['mutation { change(how: "not done") { later } }', ["change"], retryable],
    ['mutation { change(how: "maybe done") { later } }', ["change"], { code: "OUTCOME_UNKNOWN", retryable: false }],
    // That it was done is known: it is the look at it that failed.
    ['mutation { change(how: "done") { later } }', ["change", "later"], retryable],
  ])("is told of %s as what it means there, and not as a fault", async (query, path, extensions) => {
    const { ask, lines } = await serve();
    const { errors } = await ask(query);
    expect(errors).toMatchObject([{ message: expect.not.stringContaining("away,"), path }]);
    expect(errors?.[0]?.extensions).toEqual(extensions);
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ level: 40, fieldPath: path }]);
  });
});

describe("the metrics of a server", () => {
  it("tell its requests and errors by kind, beside the health, without what was asked or by whom", async () => {
    const { running, ask, subscribe } = await serve();
    await ask("{ who }", {}, ada);
    await ask("query Broken { broken }", {}, ada);
    await (await subscribe("subscription { ticks(upTo: 1) }")).text();
    await fetch(running.url, { method: "POST", body: '{"query":"{ who }"}' });
    const response = await fetch(new URL("/metrics", running.url));
    expect(response.headers.get("content-type")).toContain("text/plain");
    const text = await response.text();
    const requests = "supergraph_http_request_duration_seconds_count";
    expect(text).toContain(`${requests}{operation="query",status="200"} 2`);
    expect(text).toContain(`${requests}{operation="subscription",status="200"} 1`);
    expect(text).toContain(`${requests}{operation="none",status="401"} 1`);
    expect(text).toContain('supergraph_graphql_errors_total{code="INTERNAL_SERVER_ERROR"} 1');
    expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
    expect(text).not.toMatch(/usr_ada|c-1|hunter2|Broken/);
  });
});
