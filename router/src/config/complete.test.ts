import { describe, expect, it } from "vitest";
import { completeConfig } from "./complete.ts";
import type { RouterConfig } from "./settings.ts";

const supergraph = { sdl: "unused" };
const complainsOf = (config: object): string => {
  try {
    completeConfig({ supergraph, ...config } as RouterConfig);
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message;
  }
  return "nothing";
};

describe("a configuration", () => {
  it("needs no more than a supergraph", () => {
    expect(completeConfig({ supergraph })).toMatchObject({
      server: { host: "127.0.0.1", port: 4000 },
      authentication: null,
      signing: null,
      limits: { maxDepth: 20, maxAliases: 50 },
      subgraphs: { defaults: { timeoutMs: 5_000, retries: 2 }, overrides: {} },
    });
  });

  it("has one source of supergraphs", () => {
    expect(complainsOf({ supergraph: {} })).toContain("exactly one of path, url and registry");
    expect(complainsOf({ supergraph: { path: "a", url: "http://b/" } })).toContain(
      "exactly one of path, url and registry",
    );
  });

  it("calls a subgraph as it does all, but for what its override says", () => {
    const { overrides } = completeConfig({
      supergraph,
      subgraphs: {
        defaults: { timeoutMs: 700, breaker: { openMs: 50 } },
        overrides: { books: { retries: 0, breaker: { minimumCalls: 3 } } },
      },
    }).subgraphs;
    expect(overrides.books).toMatchObject({
      timeoutMs: 700,
      retries: 0,
      breaker: { openMs: 50, minimumCalls: 3, failureRatio: 0.5 },
    });
  });

  it.each([
    [{ limit: {} }, "limit", "limits"],
    [{ server: { prot: 1 } }, "server.prot", "port"],
    [{ subgraphs: { overrides: { books: { timeoutms: 1 } } } }, "subgraphs.overrides.books.timeoutms", "timeoutMs"],
    [{ subgraphs: { defaults: { breaker: { openMS: 1 } } } }, "subgraphs.defaults.breaker.openMS", "openMs"],
    [{ playground: { titel: "a" } }, "playground.titel", "title"],
    [{ authentication: { jwksURL: "http://a/" } }, "authentication.jwksURL", "jwksUrl"],
  ])("refuses the setting of %j, which it does not know, and says what it resembles", (config, name, meant) => {
    expect(complainsOf(config)).toContain(`${name}: there is no such setting. Did you mean \`${meant}\`?`);
  });

  it.each([
    [{ server: { port: 70_000 } }, "server.port"],
    [{ server: { port: "4000" } }, "server.port"],
    [{ server: { corsOrigins: ["shop.example"] } }, "server.corsOrigins.0"],
    [{ workers: 0 }, "workers"],
    [{ authentication: {} }, "authentication.jwksUrl"],
    [{ subgraphs: { overrides: { books: { url: "books:4001" } } } }, "subgraphs.overrides.books.url"],
    [{ subgraphs: { overrides: { books: { urls: [] } } } }, "subgraphs.overrides.books.urls"],
    [{ headers: [{ propagate: "content-length" }] }, "headers.0.propagate"],
    [{ log: { level: "loud" } }, "log.level"],
  ])("refuses %j, by the setting's name", (config, name) => {
    expect(complainsOf(config)).toContain(`${name}: `);
  });

  it("is never told with the value of a secret", () => {
    const key = { kty: "OKP", crv: "Ed25519", x: "x", d: "very-private" };
    expect(complainsOf({ signing: { key } })).toBe("signing.key: expected a private Ed25519 JWK with a kid");
  });

  it("tells everything that is wrong at once", () => {
    expect(complainsOf({ server: { port: -1 }, limits: { maxDepth: 0 }, nothing: 1 }).split("\n")).toHaveLength(3);
  });
});
