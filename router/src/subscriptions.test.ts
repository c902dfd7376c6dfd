import type { ServerResponse } from "node:http";
import { eventually } from "@supergraph/testing/eventually";
import { createClient } from "graphql-sse";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readEvents } from "./sse.ts";
import { type Library, startLibrary, startServer } from "./testing/library.ts";

let library: Library;
beforeAll(async () => {
  library = await startLibrary();
});
afterAll(() => library.stop());

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const step of cleanup.splice(0).reverse()) await step();
});

const open = (
  query: string,
  options: { token?: string; from?: Library; signal?: AbortSignal; method?: "GET" } = {},
) => {
  const { token, from = library, signal, method = "POST" } = options;
  return from.request(method === "GET" ? `/graphql?${new URLSearchParams({ query })}` : "/graphql", {
    method,
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(method === "GET" ? {} : { body: JSON.stringify({ query }) }),
    ...(signal ? { signal } : {}),
  });
};

/** The events of a response, one by one: the payload of `next`, or the name of another. */
const readFrom = async function* (response: Response): AsyncGenerator<unknown> {
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  if (!response.body) throw new Error("a stream has a body");
  for await (const { event, data } of readEvents(response.body, 1_000_000))
    yield event === "next" ? JSON.parse(data) : event;
};

const all = async (events: AsyncGenerator<unknown>): Promise<unknown[]> => {
  const found: unknown[] = [];
  for await (const event of events) found.push(event);
  return found;
};

const eventsOf = (response: Response): Promise<unknown[]> => all(readFrom(response));

describe("a subscription", () => {
  it("completes each event with the fields of other subgraphs", async () => {
    const events = await eventsOf(
      await open(`subscription { returned: bookReturned(id: "1") { title stars sequel { title stars } } }`),
    );
    expect(events).toEqual([
      { data: { returned: { title: "Dune", stars: 1, sequel: { title: "Emma", stars: 2 } } } },
      { data: { returned: { title: "Emma", stars: 2, sequel: { title: "Ulysses", stars: 3 } } } },
      { data: { returned: { title: "Ulysses", stars: 3, sequel: null } } },
      "complete",
    ]);
  });

  it("is answered to a client that nobody here wrote, with variables", async () => {
    const client = createClient({ url: `${library.router.url}/graphql`, retryAttempts: 0 });
    const titles: unknown[] = [];
    for await (const { data } of client.iterate<{ bookReturned: { title: string; stars: number } }>({
      query: "subscription ($id: ID!) { bookReturned(id: $id) { ...B } } fragment B on Book { title stars }",
      variables: { id: "3" },
    }))
      titles.push(data?.bookReturned);
    expect(titles).toEqual([
      { title: "Ulysses", stars: 3 },
      { title: "Emma", stars: 2 },
      { title: "Ulysses", stars: 3 },
    ]);
    client.dispose();
  });

  it("is answered to GET, as an EventSource asks", async () => {
    expect(await eventsOf(await open(`subscription { bookReturned(id: "1") { id } }`, { method: "GET" }))).toHaveLength(
      4,
    );
  });

  it("is refused like a query to who may not see it", async () => {
    const anonymous = await open("subscription { secret }");
    expect(anonymous.status).toBe(401);
    expect(await anonymous.json()).toMatchObject({
      errors: [{ path: ["secret"], extensions: { code: "UNAUTHENTICATED" } }],
    });
    const priced = await open(`subscription { bookReturned(id: "1") { price } }`, { token: await library.token() });
    expect(await priced.json()).toMatchObject({ errors: [{ extensions: { code: "FORBIDDEN" } }] });
    const signedIn = await open("subscription { secret }", { token: await library.token() });
    expect(await eventsOf(signedIn)).toEqual([{ data: { secret: "kept" } }, "complete"]);
  });

  it("is refused for what is not valid", async () => {
    expect((await open("subscription { nothing }")).status).toBe(400);
    expect((await open("subscription ($id: ID!) { bookReturned(id: $id) { id } }")).status).toBe(400);
    expect((await open(`subscription { bookReturned(id: "1") { id } secret }`)).status).toBe(400);
  });

  it("is refused without Accept: text/event-stream, and says what to send", async () => {
    const { status, errors } = await library.ask(`subscription { bookReturned(id: "1") { id } }`);
    expect(status).toBe(406);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("text/event-stream"),
      extensions: { code: "BAD_REQUEST" },
    });
  });

  it("sends comments while nothing happens, and ends at the subgraph when the client goes", async () => {
    const client = new AbortController();
    const response = await open("subscription { endless { title stars } }", { signal: client.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const event = `{"data":{"endless":{"title":"Dune","stars":1}}}`;
    let text = "";
    const readMore = async (): Promise<void> => {
      const { value } = (await reader?.read()) ?? {};
      if (value === undefined) throw new Error(`The stream ended after ${JSON.stringify(text)}.`);
      text += value;
    };
    while (!text.includes(event)) await readMore();
    const commentsAfter = (): number => text.slice(text.indexOf(event)).match(/^:$/gm)?.length ?? 0;
    while (commentsAfter() < 4) await readMore();
    client.abort();
    await eventually(() => expect(library.state.closed).toContain("endless"));
  });

  it("ends with an error when its access token expires", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events = readFrom(
      await open("subscription { endless { title } }", { token: await library.token({}, 3_600) }),
    );
    expect((await events.next()).value).toEqual({ data: { endless: { title: "Dune" } } });
    vi.advanceTimersByTime(3_600_000);
    expect(await all(events)).toEqual([
      { errors: [{ message: expect.stringContaining("expired"), extensions: { code: "UNAUTHENTICATED" } }] },
      "complete",
    ]);
  });
});

describe("a query over a stream", () => {
  it("is one event", async () => {
    expect(await eventsOf(await open("{ viewer }"))).toEqual([{ data: { viewer: "guest" } }, "complete"]);
  });
});

describe("a subscription whose subgraph fails", () => {
  const withBooks = async (handle: (response: ServerResponse) => void): Promise<Library> => {
    const books = await startServer((_, response) => handle(response));
    const failing = await startLibrary({ urls: { books: books.url }, subgraphs: { defaults: { timeoutMs: 200 } } });
    cleanup.push(
      () => books.stop(),
      () => failing.stop(),
    );
    return failing;
  };
  const query = `subscription { bookReturned(id: "1") { title } }`;
  const failure = (code: string) => ({
    data: null,
    errors: [
      {
        message: expect.any(String),
        path: ["bookReturned"],
        extensions:
          code === "SUBGRAPH_INVALID_RESPONSE"
            ? { code, retryable: false }
            : { code, retryable: true, retryAfterMs: 1_000 },
      },
    ],
  });

  it("is told and completed when it cannot be opened", async () => {
    const dead = await withBooks((response) => response.destroy());
    expect(await eventsOf(await open(query, { from: dead }))).toEqual([failure("SUBGRAPH_UNAVAILABLE"), "complete"]);
    const silent = await withBooks(() => undefined);
    expect(await eventsOf(await open(query, { from: silent }))).toEqual([failure("SUBGRAPH_TIMEOUT"), "complete"]);
    const nonsense = await withBooks((response) => response.end("<html>"));
    expect(await eventsOf(await open(query, { from: nonsense }))).toEqual([
      failure("SUBGRAPH_INVALID_RESPONSE"),
      "complete",
    ]);
  });

  it("is told when the stream breaks", async () => {
    const broken = await withBooks((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(
        `event: next\ndata: {"data":{"bookReturned":{"__typename":"Book","id":"1","title":"Dune"}}}\n\n`,
        () => response.destroy(),
      );
    });
    expect(await eventsOf(await open(query, { from: broken }))).toEqual([
      { data: { bookReturned: { title: "Dune" } } },
      failure("SUBGRAPH_UNAVAILABLE"),
      "complete",
    ]);
  });

  it("keeps going after an event that cannot be read, and masks what subgraphs tell", async () => {
    const odd = await withBooks((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(
        [
          "event: next\ndata: nonsense\n\n",
          `event: next\ndata: {"data":{"bookReturned":null},"errors":[{"message":"secret","path":["bookReturned"],"extensions":{"code":"X"}}]}\n\n`,
          "event: complete\ndata:\n\n",
        ].join(""),
      );
    });
    const events = await eventsOf(await open(query, { from: odd }));
    expect(events).toHaveLength(3);
    expect(events[0]).toEqual(failure("SUBGRAPH_INVALID_RESPONSE"));
    expect(events[1]).toMatchObject({ errors: [{ extensions: { code: "INTERNAL_SERVER_ERROR" } }] });
    expect(JSON.stringify(events)).not.toContain("secret");
  });
});

describe("a subgraph that stops", () => {
  it("ends its streams at once, and the client is told", async () => {
    const stopped = await startLibrary();
    cleanup.push(
      () => stopped.reviews.stop(),
      () => stopped.router.stop(),
    );
    const response = await open("subscription { endless { title } }", { from: stopped });
    await eventually(() => expect(stopped.state.opened).toContain("endless"));
    const before = performance.now();
    const [events] = await Promise.all([eventsOf(response), stopped.books.stop()]);
    // What waited for its streams to end would cut them off after 10 s only.
    expect(performance.now() - before).toBeLessThan(8_000);
    expect(events.at(-1)).toBe("complete");
    expect(events.at(-2)).toMatchObject({ errors: [{ extensions: { code: "SUBGRAPH_UNAVAILABLE" } }] });
  });
});

describe("many subscriptions", () => {
  it("are refused beyond the limit, and room is made when one ends", async () => {
    const small = await startLibrary({ subscriptions: { maxOpen: 1 } });
    cleanup.push(() => small.stop());
    const client = new AbortController();
    const first = await open("subscription { endless { title } }", { from: small, signal: client.signal });
    const reader = first.body?.getReader();
    await reader?.read();
    await reader?.read();
    const second = await open("subscription { endless { title } }", { from: small });
    expect(second.status).toBe(503);
    expect(await second.json()).toMatchObject({ errors: [{ extensions: { code: "OVERLOADED" } }] });
    client.abort();
    await eventually(() => expect(small.state.closed).toContain("endless"));
    expect(await eventsOf(await open(`subscription { bookReturned(id: "1") { id } }`, { from: small }))).toHaveLength(
      4,
    );
  });
});

describe("reading events", () => {
  const read = async (...chunks: string[]) => {
    const source = async function* () {
      for (const chunk of chunks) yield new TextEncoder().encode(chunk);
    };
    const events = [];
    for await (const event of readEvents(source(), 1_000)) events.push(event);
    return events;
  };

  it("joins what chunks cut, at any byte, with any line end", async () => {
    const text = ': hello\r\nevent: next\r\ndata: {"a":\r\ndata: "é"}\r\n\r\nevent: complete\rdata:\r\rdata: plain\n\n';
    const expected = [
      { event: "next", data: `{"a":\n"é"}` },
      { event: "complete", data: "" },
      { event: "message", data: "plain" },
    ];
    expect(await read(text)).toEqual(expected);
    expect(await read(...text)).toEqual(expected);
  });

  it("does not hold an event without end", async () => {
    await expect(read("data: ", ..."x".repeat(2_000))).rejects.toThrow("larger");
    await expect(read("data: x\n".repeat(500))).rejects.toThrow("larger");
  });
});
