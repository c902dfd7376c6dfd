import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { createRequestVerifier, ROUTER_SIGNATURE_HEADER } from "@supergraph/service";
import { eventually } from "@supergraph/testing/eventually";
import { afterEach, describe, expect, it } from "vitest";
import { type Library, type LibraryConfig, startLibrary, startServer } from "./testing/library.ts";

describe.each([
  ["the router itself", true],
  ["Apollo Server", false],
])("answered by %s:", (_, fastPath) => {
  const cleanup: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of cleanup.splice(0).reverse()) await step();
  });

  /** A library whose reviews come from `handle`. */
  const withReviews = async (
    handle: (request: IncomingMessage, response: ServerResponse) => void,
    config: LibraryConfig = {},
  ): Promise<{ library: Library; reviewsPort: number }> => {
    const reviews = await startServer(handle);
    const library = await startLibrary({
      server: { fastPath },
      ...config,
      urls: { reviews: `${reviews.url}/graphql` },
    });
    cleanup.push(
      () => reviews.stop(),
      () => library.stop(),
    );
    return { library, reviewsPort: reviews.port };
  };

  const respond = (status: number, type: string, body: string) => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { "content-type": type });
    response.end(body);
  };

  const starsAndTitles = "{ books { title stars } }";
  const onlyTitles = { books: [{ title: "Dune" }, { title: "Emma" }, { title: "Ulysses" }] };

  describe("a subgraph that fails", () => {
    it("costs its own fields only, told at the client's paths", async () => {
      const { library } = await withReviews((request) => request.socket.destroy());
      const { status, data, errors } = await library.ask(`{ books { title critics: reviews { text } } }`);
      expect(status).toBe(200);
      expect(data).toEqual({ books: onlyTitles.books.map((book) => ({ ...book, critics: null })) });
      expect(errors).toEqual(
        [0, 1, 2].map((index) => ({
          message: expect.stringContaining("not available"),
          path: ["books", index, "critics"],
          extensions: { code: "SUBGRAPH_UNAVAILABLE", retryable: true, retryAfterMs: 1_000 },
        })),
      );
    });

    it("takes the parents of a field that may not be null with it", async () => {
      const { library } = await withReviews((request) => request.socket.destroy());
      const { data, errors } = await library.ask(starsAndTitles);
      expect(data).toBeNull();
      expect(errors?.map(({ path }) => path)).toEqual([0, 1, 2].map((index) => ["books", index, "stars"]));
    });

    it("never has its address in an answer", async () => {
      const library = await startLibrary({
        server: { fastPath },
        urls: { reviews: "http://127.0.0.1:9/internal/graphql" },
      });
      cleanup.push(() => library.stop());
      const { text, errors } = await library.ask(`{ books { title reviews { text } } bestReview { text } }`);
      expect(errors?.every(({ extensions }) => extensions.code === "SUBGRAPH_UNAVAILABLE")).toBe(true);
      expect(text).not.toMatch(/127\.0\.0\.1|internal|ECONN|serviceName|subgraph"|stack|undici|fetch/);
    });

    it("is given up on after its time, also in the middle of a response", async () => {
      for (const handle of [
        () => undefined,
        (_: IncomingMessage, response: ServerResponse) => {
          response.writeHead(200, { "content-type": "application/json" });
          response.write(`{"data":`);
        },
      ]) {
        // Long enough for the other subgraph, which answers, on a machine that is busy.
        const { library } = await withReviews(handle, { subgraphs: { defaults: { timeoutMs: 1_000 } } });
        const { data, errors } = await library.ask(`{ bestReview { text } viewer }`);
        expect(data).toEqual({ bestReview: null, viewer: "guest" });
        expect(errors).toEqual([
          {
            message: expect.stringContaining("in time"),
            path: ["bestReview"],
            extensions: { code: "SUBGRAPH_TIMEOUT", retryable: true, retryAfterMs: 1_000 },
          },
        ]);
      }
    });

    it.each([
      ["HTML", respond(200, "text/html", "<html>secret</html>"), "SUBGRAPH_INVALID_RESPONSE"],
      ["broken JSON", respond(200, "application/json", `{"data":{`), "SUBGRAPH_INVALID_RESPONSE"],
      ["JSON of another shape", respond(200, "application/json", `{"data":[1]}`), "SUBGRAPH_INVALID_RESPONSE"],
      ["neither data nor errors", respond(200, "application/json", "{}"), "SUBGRAPH_INVALID_RESPONSE"],
      ["errors of another shape", respond(200, "application/json", `{"errors":"secret"}`), "SUBGRAPH_INVALID_RESPONSE"],
      ["a proxy's 502", respond(502, "text/html", "secret"), "SUBGRAPH_UNAVAILABLE"],
      ["a redirect", respond(302, "text/plain", "secret"), "SUBGRAPH_INVALID_RESPONSE"],
      [
        "that it does not know the router's key",
        respond(401, "application/json", `{"errors":[{"message":"secret","extensions":{"code":"UNAUTHENTICATED"}}]}`),
        "SUBGRAPH_INVALID_RESPONSE",
      ],
      [
        "that the router's operation is not valid",
        respond(
          400,
          "application/json",
          `{"errors":[{"message":"secret","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`,
        ),
        "SUBGRAPH_INVALID_RESPONSE",
      ],
    ])("is told by its code when it answers %s", async (_, handle, code) => {
      const { library } = await withReviews(handle);
      const { text, data, errors } = await library.ask("{ bestReview { text } viewer }");
      expect(data).toEqual({ bestReview: null, viewer: "guest" });
      const extensions =
        code === "SUBGRAPH_UNAVAILABLE" ? { code, retryable: true, retryAfterMs: 1_000 } : { code, retryable: false };
      expect(errors).toEqual([{ message: expect.any(String), path: ["bestReview"], extensions }]);
      expect(text).not.toContain("secret");
    });

    it("may not fill the router's memory", async () => {
      const { library } = await withReviews(respond(200, "application/json", `{"data":"${"x".repeat(200_000)}"}`), {
        subgraphs: { defaults: { maxResponseBytes: 100_000 } },
      });
      expect((await library.ask("{ bestReview { text } }")).errors?.[0]?.extensions.code).toBe(
        "SUBGRAPH_INVALID_RESPONSE",
      );
    });

    it("has errors with codes of its own masked", async () => {
      const { library } = await withReviews(
        respond(
          200,
          "application/json",
          `{"data":{"bestReview":null},"errors":[{"message":"secret","path":["bestReview"],"extensions":{"code":"ORA-600","url":"http://10.0.0.1"}}]}`,
        ),
      );
      const { text, errors } = await library.ask("{ best: bestReview { text } }");
      expect(errors?.[0]).toMatchObject({ extensions: { code: "INTERNAL_SERVER_ERROR", errorId: expect.any(String) } });
      expect(text).not.toMatch(/secret|ORA|10\.0\.0\.1/);
    });

    it("is not to blame for a variable that only it can judge", async () => {
      const { library } = await withReviews(
        respond(
          400,
          "application/json",
          JSON.stringify({
            errors: [{ message: "$day got an invalid value.", extensions: { code: "BAD_USER_INPUT" } }],
          }),
        ),
      );
      const { data, errors } = await library.ask("{ bestReview { text } }");
      expect(data).toEqual({ bestReview: null });
      expect(errors).toEqual([{ message: "$day got an invalid value.", extensions: { code: "BAD_USER_INPUT" } }]);
    });

    it("is told at the object for a field that no client asked for", async () => {
      const books = await startServer((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
          body += chunk;
        });
        request.on("end", () => {
          response.setHeader("content-type", "application/json");
          response.end(
            body.includes("_entities")
              ? `{"data":{"_entities":[null]},"errors":[{"message":"No.","path":["_entities",0,"weight"],"extensions":{"code":"FORBIDDEN"}}]}`
              : `{"data":{"bestReview":{"text":"x","book":{"__typename":"Book","id":"1"}}}}`,
          );
        });
      });
      const library = await startLibrary({ server: { fastPath }, urls: { books: books.url, reviews: books.url } });
      cleanup.push(
        () => books.stop(),
        () => library.stop(),
      );
      const { errors, text } = await library.ask("{ bestReview { text book { postage } } }");
      expect(errors?.[0]?.path).toEqual(["bestReview", "book"]);
      expect(text).not.toContain("weight");
    });

    it("is asked again, once, for a query when it dropped the connection", async () => {
      let calls = 0;
      const { library } = await withReviews((request, response) => {
        calls += 1;
        if (calls === 1) request.socket.destroy();
        else respond(200, "application/json", `{"data":{"bestReview":{"text":"Back."}}}`)(request, response);
      });
      expect((await library.ask("{ bestReview { text } }")).data).toEqual({ bestReview: { text: "Back." } });
      expect(calls).toBe(2);
    });
  });

  describe("what a subgraph receives", () => {
    it("is signed for it and for this body, and carries the trace", async () => {
      const received: { headers: IncomingMessage["headers"]; body: string }[] = [];
      const { library } = await withReviews((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
          body += chunk;
        });
        request.on("end", () => {
          received.push({ headers: request.headers, body });
          respond(200, "application/json", `{"data":{"bestReview":null}}`)(request, response);
        });
      });
      const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
      const token = await library.token({ scope: "a" });
      const answer = await library.ask("{ bestReview { text } }", {
        token,
        headers: { traceparent, "x-correlation-id": "trace-me-1", cookie: "a=b" },
      });
      const [{ headers, body } = { headers: {}, body: "" }] = received;
      const signature = String(headers[ROUTER_SIGNATURE_HEADER]);
      const verify = (subgraph: string, text: string) =>
        createRequestVerifier({ subgraph, keys: library.routerKeys }).verify({ signature, body: text });
      expect(await verify("reviews", body)).toEqual({
        kind: "verified",
        caller: {
          correlationId: "trace-me-1",
          viewer: { userId: "usr_1", sessionId: "ses_1", roles: [], scopes: ["a"] },
        },
      });
      expect((await verify("books", body)).kind).toBe("refused");
      expect((await verify("reviews", `${body} `)).kind).toBe("refused");
      expect(headers).toMatchObject({ "x-correlation-id": "trace-me-1" });
      // The client's trace, in spans of the router's own.
      expect(headers.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
      expect(answer.headers.get("traceresponse")).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
      const spans = [traceparent, headers.traceparent, answer.headers.get("traceresponse")];
      expect(new Set(spans.map((text) => String(text).split("-")[2])).size).toBe(3);
      expect(headers).not.toHaveProperty("authorization");
      expect(headers).not.toHaveProperty("cookie");
    });

    it.each([
      ["none", {}],
      ["one that is none", { traceparent: "00-00000000000000000000000000000000-00f067aa0ba902b7-01" }],
      ["one with more behind it", { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\t-x" }],
    ])("carries a trace of the router's own when the client sends %s", async (_, headers) => {
      const traces: unknown[] = [];
      const { library } = await withReviews((request, response) => {
        traces.push(String(request.headers.traceparent).split("-")[1]);
        respond(200, "application/json", `{"data":{"bestReview":null}}`)(request, response);
      });
      const answer = await library.ask("{ bestReview { text } }", { headers });
      const [, traceId] = answer.headers.get("traceresponse")?.split("-") ?? [];
      expect(traceId).toMatch(/^(?!0{32}|4bf92f)[0-9a-f]{32}$/);
      expect(traces).toEqual([traceId]);
    });

    it("runs to its end for a mutation, whether or not the client waits", async () => {
      const library = await startLibrary({ server: { fastPath } });
      cleanup.push(() => library.stop());
      const client = new AbortController();
      const asked = library
        .request("/graphql", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ query: 'mutation { first: pause second: note(name: "done") }' }),
          signal: client.signal,
        })
        .catch((error: Error) => error.name);
      await eventually(() => expect(library.state.notes).toEqual(["paused"]));
      client.abort();
      expect(await asked).toBe("AbortError");
      library.state.resume();
      await eventually(() => expect(library.state.notes).toEqual(["paused", "done"]));
    });

    it("ends when the client of a query has gone", async () => {
      let gone: () => void = () => undefined;
      const aborted = new Promise<void>((resolve) => {
        gone = resolve;
      });
      let arrived: () => void = () => undefined;
      const arrival = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const { library } = await withReviews((request) => {
        arrived();
        request.socket.once("close", gone);
      });
      const client = new AbortController();
      const asked = library
        .request("/graphql", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: `{"query":"{ bestReview { text } }"}`,
          signal: client.signal,
        })
        .catch((error: Error) => error.name);
      await arrival;
      client.abort();
      expect(await asked).toBe("AbortError");
      await aborted;
    });
  });

  describe("a mutation that is not answered", () => {
    const mutation = 'mutation { note(name: "once") }';
    const notDone = { code: "SUBGRAPH_UNAVAILABLE", retryable: true, retryAfterMs: 1_000 };
    const unknown = { code: "OUTCOME_UNKNOWN", retryable: false };

    /** A library whose books come from `handle`. */
    const withBooks = async (
      handle: (request: IncomingMessage, response: ServerResponse) => void,
      config: LibraryConfig = {},
    ): Promise<Library> => {
      const books = await startServer(handle);
      const library = await startLibrary({ server: { fastPath }, ...config, urls: { books: `${books.url}/graphql` } });
      cleanup.push(
        () => books.stop(),
        () => library.stop(),
      );
      return library;
    };

    it("had no effect when nobody could be reached, and may be sent again", async () => {
      const library = await startLibrary({ server: { fastPath }, urls: { books: "http://127.0.0.1:9/graphql" } });
      cleanup.push(() => library.stop());
      const { data, errors } = await library.ask(mutation);
      expect(data).toEqual({ note: null });
      expect(errors).toEqual([
        { message: expect.stringContaining("not available"), path: ["note"], extensions: notDone },
      ]);
    });

    it("is never sent twice, and not said to have had no effect, when the connection broke after it was sent", async () => {
      let calls = 0;
      const library = await withBooks((request) => {
        calls += 1;
        request.socket.destroy();
      });
      const { data, errors } = await library.ask(mutation);
      expect(data).toEqual({ note: null });
      expect(errors).toEqual([{ message: expect.stringContaining("not known"), path: ["note"], extensions: unknown }]);
      expect(calls).toBe(1);
    });

    it("is sent twice more, on other connections, while surely not a byte of it has left", async () => {
      let connections = 0;
      // What breaks during the handshake of TLS has carried no request yet.
      const server = createServer((socket) => {
        connections += 1;
        socket.destroy();
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const library = await startLibrary({
        server: { fastPath },
        urls: { books: `https://127.0.0.1:${port}/graphql` },
      });
      cleanup.push(
        async () => void server.close(),
        () => library.stop(),
      );
      expect((await library.ask(mutation)).errors?.[0]?.extensions).toEqual(notDone);
      expect(connections).toBe(3);
    });

    it.each([
      ["nothing in time", () => undefined],
      [
        "half of it",
        (_: IncomingMessage, response: ServerResponse) => {
          response.writeHead(200, { "content-type": "application/json" });
          response.write(`{"data":`, () => response.destroy());
        },
      ],
      ["what cannot be read", respond(200, "text/html", "<html>")],
      ["a proxy's 502", respond(502, "text/html", "Bad Gateway")],
      ["a proxy's 503", respond(503, "text/plain", "upstream connect error or disconnect/reset before headers")],
    ])("has an unknown outcome when the answer is %s", async (_, handle) => {
      // Long enough for it to be sent, on a machine that is busy.
      const library = await withBooks(handle, { subgraphs: { defaults: { timeoutMs: 1_000 } } });
      expect((await library.ask(mutation)).errors?.[0]?.extensions).toEqual(unknown);
    });

    it("had no effect when it was refused on its way", async () => {
      const library = await withBooks(respond(413, "text/html", "Too large"));
      expect((await library.ask(mutation)).errors?.[0]?.extensions).toEqual({
        code: "SUBGRAPH_INVALID_RESPONSE",
        retryable: false,
      });
    });

    it("may not be sent again as a whole when another part of it took effect", async () => {
      const { library } = await withReviews((request) => request.socket.destroy());
      const token = await library.token();
      const { data, errors } = await library.ask('mutation { borrow(id: "1") { title reviews { text } } }', { token });
      expect(data).toEqual({ borrow: { title: "Dune", reviews: null } });
      expect(errors).toEqual([
        {
          message: expect.any(String),
          path: ["borrow", "reviews"],
          extensions: { code: "SUBGRAPH_UNAVAILABLE", retryable: false },
        },
      ]);
      const dead = await startLibrary({ server: { fastPath }, urls: { books: "http://127.0.0.1:9/graphql" } });
      cleanup.push(() => dead.stop());
      const both = await dead.ask('mutation { first: note(name: "a") second: note(name: "b") }');
      expect(both.errors?.map(({ extensions }) => extensions)).toEqual([
        { code: "SUBGRAPH_UNAVAILABLE", retryable: false },
        { code: "SUBGRAPH_UNAVAILABLE", retryable: false },
      ]);
    });
  });
});
