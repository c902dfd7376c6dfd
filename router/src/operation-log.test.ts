import { afterEach, describe, expect, it } from "vitest";
import { type Library, startLibrary } from "./testing/library.ts";
import { createTestLog } from "./testing/log.ts";

let library: Library | undefined;
afterEach(async () => {
  await library?.stop();
  library = undefined;
});

const start = async (operations = true) => {
  const { log, lines } = createTestLog();
  library = await startLibrary({ routerLog: log, log: { operations } });
  const { ask } = library;
  return { ask, logged: () => lines.filter(({ msg }) => msg === "operation"), lines };
};

describe("the log", () => {
  it("has a line for each operation: what it was, what came of it, and how long it took", async () => {
    const { ask, logged } = await start();
    const { headers } = await ask("query Titles { books { title stars } }", {
      headers: {
        "x-correlation-id": "correlated",
        traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
      },
    });
    expect(headers.get("x-correlation-id")).toBe("correlated");
    expect(logged()).toEqual([
      expect.objectContaining({
        level: 30,
        correlationId: "correlated",
        traceId: "0123456789abcdef0123456789abcdef",
        operation: { type: "query", name: "Titles" },
        status: 200,
        ms: expect.any(Number),
        fetches: 2,
        generation: 1,
      }),
    ]);
  });

  it("tells the codes of errors, and of what was refused as well", async () => {
    const { ask, logged } = await start();
    await ask("{ catalogue }");
    await ask("{ nothing }");
    await ask("{ books { ");
    expect(logged().map(({ status, errors, operation }) => [status, errors, operation])).toEqual([
      [401, ["UNAUTHENTICATED"], { type: "query", name: null }],
      [200, ["GRAPHQL_VALIDATION_FAILED"], { type: "none", name: null }],
      [200, ["GRAPHQL_PARSE_FAILED"], { type: "none", name: null }],
    ]);
  });

  it("has nothing of what a client sent but the operation's name", async () => {
    const { ask, lines } = await start();
    const token = await library?.token();
    await ask("mutation Note($name: String) { note(name: $name) }", {
      variables: { name: "private" },
      ...(token ? { token } : {}),
    });
    await ask('mutation { note(name: "private") }');
    expect(lines.length).toBeGreaterThan(1);
    expect(JSON.stringify(lines)).not.toMatch(new RegExp(`private|usr_1|${token}`));
  });

  it("has no more of a name than its beginning: a client may choose one of a megabyte", async () => {
    const { ask, logged } = await start();
    await ask(`query ${"N".repeat(50_000)} { viewer }`);
    expect(logged().map(({ operation }) => operation)).toEqual([{ type: "query", name: "N".repeat(100) }]);
  });

  it("has no such lines where they are not wanted", async () => {
    const { ask, logged } = await start(false);
    await ask("{ viewer }");
    expect(logged()).toEqual([]);
  });
});
