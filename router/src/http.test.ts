import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Library, startLibrary } from "./testing/library.ts";

describe.each([
  ["the router itself", true],
  ["Apollo Server", false],
])("answered by %s:", (_, fastPath) => {
  let library: Library;
  beforeAll(async () => {
    library = await startLibrary({ server: { maxBodyBytes: 10_000, fastPath } });
  });
  afterAll(() => library.stop());

  const post = (body: string | Blob, headers: Record<string, string> = { "content-type": "application/json" }) =>
    library.request("/graphql", { method: "POST", headers, body });

  const get = (
    parameters: Record<string, string>,
    headers: Record<string, string> = { "apollo-require-preflight": "1" },
  ) => library.request(`/graphql?${new URLSearchParams(parameters)}`, { headers });

  const expectError = async (response: Response, status: number, code: string, message = /./) => {
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toMatch(/^application\/(graphql-response\+)?json/);
    expect(await response.json()).toEqual({
      errors: [expect.objectContaining({ message: expect.stringMatching(message), extensions: { code } })],
    });
  };

  describe("a POST that is no GraphQL request", () => {
    it.each([
      ["an empty body", "", /empty/],
      ["text that is not JSON", "{query:", /not valid JSON/],
      ["JSON that is no object", `"{ viewer }"`, /JSON object/],
      ["null", "null", /JSON object/],
      ["a batch", `[{"query":"{ viewer }"},{"query":"{ viewer }"}]`, /batches/],
      ["an empty batch", "[]", /batches/],
      ["an object without a query", "{}", /no `query`/],
      ["an empty query", `{"query":""}`, /no `query`/],
      ["a query that is no string", `{"query":{"a":1}}`, /`query` must be a string/],
      ["variables that are no object", `{"query":"{ viewer }","variables":"x"}`, /`variables` must be an object/],
      ["variables that are a list", `{"query":"{ viewer }","variables":[1]}`, /`variables` must be an object/],
      ["an operation name that is no string", `{"query":"{ viewer }","operationName":1}`, /`operationName`/],
    ])("is refused: %s", async (_, body, message) => {
      await expectError(await post(body), 400, "BAD_REQUEST", message);
    });

    it("is refused when its content type is another, or missing", async () => {
      const body = `{"query":"{ viewer }"}`;
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
      ])
        await expectError(await post(body, { "content-type": type }), 415, "UNSUPPORTED_MEDIA_TYPE");
      await expectError(await post(new Blob([body]), {}), 415, "UNSUPPORTED_MEDIA_TYPE");
      await expectError(
        await post(body, { "content-type": "application/json; charset=latin1" }),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
      );
    });

    it("is refused when its body is too large, declared or not", async () => {
      const large = JSON.stringify({ query: `{ viewer } #${"x".repeat(20_000)}` });
      await expectError(await post(large), 413, "PAYLOAD_TOO_LARGE");
      const streamed = await fetch(`${library.router.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: new Blob([large]).stream(),
        duplex: "half",
      } as RequestInit);
      await expectError(streamed, 413, "PAYLOAD_TOO_LARGE");
    });
  });

  describe("an operation that cannot be answered", () => {
    it("is refused for its syntax, with the place", async () => {
      const response = await post(`{"query":"{ viewer"}`);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        errors: [
          {
            message: "Syntax Error: Expected Name, found <EOF>.",
            locations: [{ line: 1, column: 9 }],
            extensions: { code: "GRAPHQL_PARSE_FAILED" },
          },
        ],
      });
    });

    it("is refused for an unknown field, with a suggestion where the schema may be read", async () => {
      await expectError(await post(`{"query":"{ viewr }"}`), 200, "GRAPHQL_VALIDATION_FAILED", /Did you mean "viewer"/);
    });

    it("does not have names suggested where the schema may not be read", async () => {
      const hidden = await startLibrary({ introspection: false });
      const unknown = await hidden.ask("{ viewr book(ide: 1) { titel } }");
      expect(unknown.status).toBe(200);
      expect(unknown.text).not.toContain("Did you mean");
      expect((await hidden.ask("{ __schema { types { name } } }")).errors?.[0]?.extensions.code).toBe(
        "GRAPHQL_VALIDATION_FAILED",
      );
      expect((await hidden.ask("{ __typename }")).data).toEqual({ __typename: "Query" });
      await hidden.stop();
    });

    it("is refused when it has no operation", async () => {
      const response = await post(JSON.stringify({ query: "fragment A on Query { viewer }" }));
      expect(response.status).toBe(200);
    });
  });

  describe("GET", () => {
    it("answers queries, with variables", async () => {
      const response = await get({ query: "query ($id: ID!) { book(id: $id) { title } }", variables: `{"id":"2"}` });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ data: { book: { title: "Emma" } } });
    });

    it("refuses mutations", async () => {
      const response = await get({ query: `mutation { note(name: "by get") }` });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("POST");
      expect(library.state.notes).toEqual([]);
    });

    it("refuses what a page of another site could send without asking", async () => {
      const response = await get({ query: "{ viewer }" }, {});
      await expectError(response, 400, "BAD_REQUEST", /CSRF|preflight/);
    });

    it("refuses variables that are no JSON", async () => {
      await expectError(
        await get({ query: "{ viewer }", variables: "{" }),
        400,
        "BAD_REQUEST",
        /`variables` must be an object/,
      );
    });

    it("refuses an address without a query", async () => {
      await expectError(await get({}), 400, "BAD_REQUEST", /no `query`/);
    });
  });

  describe("HTTP", () => {
    it.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("refuses %s", async (method) => {
      const response = await library.request("/graphql", { method });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, POST");
    });

    it("answers 404 elsewhere, as JSON", async () => {
      await expectError(await library.request("/nowhere"), 404, "BAD_REQUEST");
    });

    it("answers in the media type that is accepted", async () => {
      const accept = async (value: string) => {
        const response = await post(`{"query":"{ viewer }"}`, { "content-type": "application/json", accept: value });
        return [response.status, response.headers.get("content-type")?.split(";")[0]];
      };
      expect(await accept("application/graphql-response+json")).toEqual([200, "application/graphql-response+json"]);
      expect(await accept("application/graphql-response+json, application/json;q=0.9")).toEqual([
        200,
        "application/graphql-response+json",
      ]);
      expect(await accept("application/json")).toEqual([200, "application/json"]);
      expect(await accept("*/*")).toEqual([200, "application/json"]);
      expect((await accept("text/html"))[0]).toBe(406);
    });

    it("remembers persisted queries by their hash", async () => {
      const query = `{ book(id: "3") { title } }`;
      const sha256Hash = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(query))).toString("hex");
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      const byHash = () => post(JSON.stringify({ extensions }));
      expect(await (await byHash()).json()).toMatchObject({
        errors: [{ extensions: { code: "PERSISTED_QUERY_NOT_FOUND" } }],
      });
      expect(await (await post(JSON.stringify({ query, extensions }))).json()).toEqual({
        data: { book: { title: "Ulysses" } },
      });
      expect(await (await byHash()).json()).toEqual({ data: { book: { title: "Ulysses" } } });
    });

    it.each([
      ["a hash that is not the query's", { version: 1, sha256Hash: "a".repeat(64) }],
      ["a hash that is none", { version: 1, sha256Hash: "__proto__" }],
      ["a hash that is no text", { version: 1, sha256Hash: { a: 1 } }],
      ["another version", { version: 2, sha256Hash: "a".repeat(64) }],
      ["no object", true],
      ["nothing", ""],
    ])("refuses a persisted query with %s as the client's fault", async (_, persistedQuery) => {
      const extensions = { persistedQuery };
      await expectError(
        await post(JSON.stringify({ query: "{ viewer }", extensions })),
        400,
        "BAD_REQUEST",
        /persistedQuery/,
      );
    });

    it("lets nobody keep an answer", async () => {
      const answers = [await library.ask("{ viewer }"), await post("{"), await get({ query: "{ viewer }" })];
      for (const { headers } of answers) {
        expect(headers.get("cache-control")).toBe("no-store");
        expect(headers.get("x-content-type-options")).toBe("nosniff");
      }
    });

    it("answers under any name that a client may choose, but for a false type name", async () => {
      const { text } = await library.ask('{ __proto__: book(id: "1") { constructor: title __proto__: id } }');
      expect(text).toContain(`{"__proto__":{"constructor":"Dune","__proto__":"1"}}`);
      const { status, errors } = await library.ask(`{ book(id: "1") { __typename: title stars } }`);
      expect(status).toBe(200);
      expect(errors).toMatchObject([
        { message: expect.stringContaining("__typename"), extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
      ]);
      expect((await library.ask(`{ book(id: "1") { type: __typename __typename: __typename stars } }`)).data).toEqual({
        book: { type: "Book", __typename: "Book", stars: 1 },
      });
    });

    it("survives bytes that are no HTTP", async () => {
      const socket = connect(library.router.port, "127.0.0.1");
      socket.write("\u0000\u0001nonsense\r\n\r\n");
      const answer = await new Promise<string>((resolve) => {
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk;
        });
        socket.on("close", () => resolve(text));
      });
      expect(answer).toMatch(/^HTTP\/1.1 400/);
      expect((await library.ask("{ viewer }")).status).toBe(200);
    });

    it("keeps Unicode whole, through to the subgraph", async () => {
      const name = "Zoë 👩‍🚀 \u0000 漢字 \u2028";
      const { data } = await library.ask("mutation ($name: String) { note(name: $name) }", { variables: { name } });
      expect(data).toEqual({ note: name });
    });
  });

  describe("pages of other origins", () => {
    it("may not call unless configured", async () => {
      const response = await post(`{"query":"{ viewer }"}`, {
        "content-type": "application/json",
        origin: "https://shop.example",
      });
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
    });

    it("may call when their origin is configured, and only then", async () => {
      const open = await startLibrary({ server: { corsOrigins: ["https://shop.example"] } });
      const preflight = (origin: string) =>
        open.request("/graphql", { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
      const allowed = await preflight("https://shop.example");
      expect(allowed.status).toBe(204);
      expect(allowed.headers.get("access-control-allow-origin")).toBe("https://shop.example");
      expect(allowed.headers.get("access-control-allow-headers")).toContain("authorization");
      expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
      const { headers } = await open.ask("{ viewer }", { headers: { origin: "https://shop.example" } });
      expect(headers.get("access-control-allow-origin")).toBe("https://shop.example");
      await open.stop();
    });
  });
});
