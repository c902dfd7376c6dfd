import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Library, startLibrary } from "./testing/library.ts";

describe.each([
  ["the router itself", true],
  ["Apollo Server", false],
])("answered by %s:", (_, fastPath) => {
  let library: Library;
  beforeAll(async () => {
    library = await startLibrary({ server: { fastPath } });
  });
  afterAll(() => library.stop());

  describe("joining subgraphs", () => {
    it("fills fields of an entity from both subgraphs", async () => {
      const { status, data, errors } = await library.ask(`{ books { title stars reviews { text book { title } } } }`);
      expect(errors).toBeUndefined();
      expect(status).toBe(200);
      expect(data).toEqual({
        books: [
          { title: "Dune", stars: 1, reviews: [{ text: "Dune again.", book: { title: "Dune" } }] },
          { title: "Emma", stars: 2, reviews: [{ text: "Emma again.", book: { title: "Emma" } }] },
          { title: "Ulysses", stars: 3, reviews: [{ text: "Ulysses again.", book: { title: "Ulysses" } }] },
        ],
      });
    });

    it("passes fields on that another subgraph requires and no client sees", async () => {
      expect((await library.ask(`{ book(id: "1") { postage } }`)).data).toEqual({ book: { postage: 600 } });
      expect((await library.ask(`{ book(id: "1") { weight } }`)).errors?.[0]?.extensions.code).toBe(
        "GRAPHQL_VALIDATION_FAILED",
      );
    });

    it("honours variables, aliases, fragments and conditions", async () => {
      const { data } = await library.ask(
        `query ($id: ID!, $more: Boolean = false) { a: book(id: $id) { ...B } b: book(id: "2") { ...B } }
       fragment B on Book { name: title stars @include(if: $more) ... @skip(if: $more) { id } }`,
        { variables: { id: "1" } },
      );
      expect(data).toEqual({ a: { name: "Dune", id: "1" }, b: { name: "Emma", id: "2" } });
    });

    it("chooses the operation by its name", async () => {
      const query = `query A { book(id: "1") { title } } query B { book(id: "2") { title } }`;
      expect((await library.ask(query, { operationName: "B" })).data).toEqual({ book: { title: "Emma" } });
      expect((await library.ask(query, { operationName: "A" })).data).toEqual({ book: { title: "Dune" } });
      const neither = await library.ask(query);
      expect(neither.status).toBe(200);
      expect(neither.errors?.[0]?.extensions.code).toBe("OPERATION_RESOLUTION_FAILURE");
    });

    it("answers introspection", async () => {
      expect((await library.ask(`{ __schema { queryType { name } } __type(name: "Book") { name } }`)).data).toEqual({
        __schema: { queryType: { name: "Query" } },
        __type: { name: "Book" },
      });
    });

    it("tells subgraphs who asks, with one correlation id from the client to its answer", async () => {
      const token = await library.token({ scope: "books:finance a" });
      const answer = await library.ask("{ viewer }", { token, headers: { "x-correlation-id": "check-out-17" } });
      expect(answer.data).toEqual({ viewer: "usr_1 books:finance,a" });
      expect(answer.headers.get("x-correlation-id")).toBe("check-out-17");
      expect(library.state.fetches.at(-1)?.context).toMatchObject({
        correlationId: "check-out-17",
        viewer: { userId: "usr_1", sessionId: "ses_1" },
      });
    });

    it("does not take over a correlation id that could forge log lines", async () => {
      const { headers } = await library.ask("{ viewer }", { headers: { "x-correlation-id": "a b" } });
      expect(headers.get("x-correlation-id")).toMatch(/^[\da-f-]{36}$/);
    });
  });

  describe("errors of subgraphs", () => {
    it("passes expected errors on with the client's path and the argument at fault", async () => {
      const { status, data, errors } = await library.ask("{ mine: refused viewer }");
      expect(status).toBe(200);
      expect(data).toEqual({ mine: null, viewer: "guest" });
      expect(errors).toEqual([
        { message: "Not like this.", path: ["mine"], extensions: { code: "BAD_USER_INPUT", argument: "input.name" } },
      ]);
    });

    it("masks faults and keeps the errorId under which the subgraph logged them", async () => {
      const { text, errors, data } = await library.ask("{ broken viewer }");
      expect(data).toEqual({ broken: null, viewer: "guest" });
      expect(errors).toEqual([
        {
          message: "Something went wrong on our side. Quote the errorId when you report it.",
          path: ["broken"],
          extensions: { code: "INTERNAL_SERVER_ERROR", errorId: expect.stringMatching(/^[\da-f-]{36}$/) },
        },
      ]);
      expect(text).not.toMatch(/hunter2|10\.0\.0\.7|stack|serviceName/);
    });

    it("tells a null where the schema promises none", async () => {
      const { data, errors } = await library.ask("{ strict }");
      expect(data).toBeNull();
      expect(errors?.[0]?.extensions.code).toBe("INTERNAL_SERVER_ERROR");
    });

    it("answers an entity that its subgraph does not have as null, where it may be null", async () => {
      const { data, errors } = await library.ask("{ bestReview { text compares { title } } }");
      expect(data).toEqual({ bestReview: { text: "Long.", compares: null } });
      expect(errors).toBeUndefined();
    });

    it("tells when such an entity takes with it what holds it", async () => {
      const { data, errors } = await library.ask("{ lostReview { text book { title } } }");
      expect(data).toEqual({ lostReview: null });
      expect(errors).toMatchObject([{ extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
    });

    it.each([
      ["in a variable", "query ($on: DateTime) { search(on: $on) { __typename } }"],
      ["in the operation", `{ search(on: "never") { __typename } }`],
    ])("answers a value that only a subgraph can judge as the client's fault: %s", async (_, query) => {
      const { errors } = await library.ask(query, query.includes("$on") ? { variables: { on: "never" } } : {});
      expect(errors).toHaveLength(1);
      expect(errors?.[0]).toMatchObject({
        message: expect.stringContaining("RFC 3339"),
        extensions: { code: "BAD_USER_INPUT" },
      });
    });
  });

  describe("wrong variables", () => {
    it.each([
      ["a missing one", `query ($id: ID!) { book(id: $id) { id } }`, {}],
      ["one of another type", `query ($id: ID!) { book(id: $id) { id } }`, { id: { a: 1 } }],
    ])("refuses %s", async (_, query, variables) => {
      const { status, errors } = await library.ask(query, { variables });
      expect(status).toBe(200);
      expect(errors?.[0]?.extensions).toEqual({ code: "BAD_USER_INPUT" });
    });

    it("refuses variables that nest without end", async () => {
      const response = await library.request("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: `{"query":"query ($on: DateTime) { search(on: $on) { __typename } }","variables":{"on":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`,
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
    });
  });
});
