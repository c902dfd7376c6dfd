import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readRouterConfig } from "./read.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "router-config-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const write = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

const key = { kty: "OKP", crv: "Ed25519", x: "x", d: "d", kid: "k" };
const ofShop = {
  SUPERGRAPH_PATH: "supergraph.graphql",
  ROUTER_SIGNING_KEY: JSON.stringify(key),
  JWKS_URL: "http://localhost:4001/.well-known/jwks.json",
};

describe("the environment", () => {
  it("leaves defaults for development", async () => {
    const config = await readRouterConfig({}, ofShop);
    expect(config).toMatchObject({
      server: { host: "127.0.0.1", port: 4000 },
      signing: { key },
      authentication: { jwksUrl: ofShop.JWKS_URL, issuer: "supergraph-users" },
      introspection: true,
      playground: true,
      log: { level: "info" },
    });
    expect(config.supergraph.path).toBe("supergraph.graphql");
  });

  it("has to name a supergraph, unless a file does", async () => {
    await expect(readRouterConfig({}, {})).rejects.toThrow(
      "supergraph: expected a supergraph: give --supergraph, SUPERGRAPH_PATH, SUPERGRAPH_URL or SUPERGRAPH_REGISTRY_URL",
    );
  });

  it("says where a registry is, of which a file says which environment is served", async () => {
    const path = await write(
      "registry.yaml",
      "supergraph:\n  registry: { url: 'file:a', environment: production }\n  lastGoodPath: kept\n",
    );
    const env = { ROUTER_CONFIG: path, SUPERGRAPH_REGISTRY_URL: "nats://me:pw@nats:4222" };
    const registry = { url: "nats://me:pw@nats:4222", environment: "production" };
    expect((await readRouterConfig({}, env)).supergraph).toMatchObject({ registry, lastGoodPath: "kept" });
    const other = await readRouterConfig({ supergraph: "other.graphql" }, env);
    expect(other.supergraph).toMatchObject({ path: "other.graphql", lastGoodPath: "kept" });
    expect(other.supergraph.registry).toBeUndefined();
    await expect(readRouterConfig({}, { SUPERGRAPH_REGISTRY_URL: "http://nats" })).rejects.toThrow(
      /SUPERGRAPH_REGISTRY_URL: supergraph.registry.url: expected nats:.*\n.*supergraph.registry.environment: expected the environment/,
    );
  });

  it("shows neither schema nor playground in production unless asked", async () => {
    const production = { ...ofShop, NODE_ENV: "production" };
    expect(await readRouterConfig({}, production)).toMatchObject({ introspection: false, playground: false });
    expect(await readRouterConfig({}, { ...production, INTROSPECTION: "true", PLAYGROUND: "1" })).toMatchObject({
      introspection: true,
      playground: true,
    });
  });

  it("sets ports, subgraph URLs, limits and origins", async () => {
    const config = await readRouterConfig(
      {},
      {
        ...ofShop,
        PORT: "80",
        ROUTER_PORT: "81",
        SUBGRAPH_URL_MY_BOOKS: "http://books/graphql",
        MAX_DEPTH: "7",
        CORS_ORIGINS: "https://a.example, https://b.example",
      },
    );
    expect(config).toMatchObject({
      server: { port: 81, corsOrigins: ["https://a.example", "https://b.example"] },
      subgraphs: { overrides: { MY_BOOKS: { url: "http://books/graphql" } } },
      limits: { maxDepth: 7, maxAliases: 50 },
    });
  });

  it.each([
    ["ROUTER_SIGNING_KEY", "{}"],
    ["ROUTER_SIGNING_KEY", "not json"],
    ["JWKS_URL", "localhost"],
    ["PORT", "99999"],
    ["PORT", "http"],
    ["MAX_DEPTH", "0"],
    ["PLAYGROUND", "perhaps"],
    ["CORS_ORIGINS", "shop.example"],
    ["CORS_ORIGINS", "https://shop.example/path"],
    ["SUBGRAPH_URL_BOOKS", "books"],
    ["ROUTER_WORKERS", "many"],
    ["SUPERGRAPH_URL", "file:///supergraph"],
    ["LOG_LEVEL", "loud"],
  ])("is refused by name for a %s of %j", async (name, value) => {
    await expect(readRouterConfig({}, { ...ofShop, [name]: value })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(name),
    });
  });
});

describe("a file", () => {
  it("is overridden by the environment, and that by the command line", async () => {
    const config = await write("order.yaml", "supergraph: { path: a.graphql }\nserver: { port: 1, host: 0.0.0.0 }\n");
    expect(await readRouterConfig({ config }, {})).toMatchObject({ server: { port: 1, host: "0.0.0.0" } });
    const env = { ROUTER_PORT: "2", SUPERGRAPH_URL: "http://registry/supergraph" };
    const overridden = await readRouterConfig({ config }, env);
    expect(overridden.server).toMatchObject({ port: 2, host: "0.0.0.0" });
    expect(overridden.supergraph).toMatchObject({ url: "http://registry/supergraph" });
    expect(overridden.supergraph.path).toBeUndefined();
    const given = await readRouterConfig({ config, port: 3, workers: "auto", supergraph: "b.graphql" }, env);
    expect(given).toMatchObject({ server: { port: 3 }, workers: "auto", supergraph: { path: "b.graphql" } });
    expect(given.supergraph.url).toBeUndefined();
  });

  it("may name subgraphs that the environment spells in its own way", async () => {
    const config = await write(
      "names.yaml",
      "supergraph: { path: a }\nsubgraphs: { overrides: { my-books: { timeoutMs: 7 } } }\n",
    );
    const { overrides } = (await readRouterConfig({ config }, { SUBGRAPH_URL_MY_BOOKS: "http://b/" })).subgraphs;
    expect(overrides).toEqual({ "my-books": expect.objectContaining({ timeoutMs: 7, url: "http://b/" }) });
  });

  it("takes values of variables: whole ones for what they mean, others as text", async () => {
    const config = await write(
      "variables.yaml",
      `supergraph:
  url: http://\${HOST}/sdl
  headers:
    authorization: Bearer \${TOKEN}
server:
  port: \${ROUTER:-4010}
signing:
  key: \${KEY}
authentication: { jwksUrl: http://keys/, audience: "\${NUMBER}" }
`,
    );
    const env = { HOST: "registry", TOKEN: "secret", KEY: JSON.stringify(key), NUMBER: "12" };
    expect(await readRouterConfig({ config }, env)).toMatchObject({
      supergraph: { url: "http://registry/sdl", headers: { authorization: "Bearer secret" } },
      server: { port: 4010 },
      signing: { key },
      authentication: { audience: "12" },
    });
    await expect(readRouterConfig({ config }, {})).rejects.toThrow(
      /variables\.yaml:2:8: the variable HOST is not set[\s\S]*variables\.yaml:8:8: the variable KEY/,
    );
  });

  it("is complained of by line and column", async () => {
    const config = await write("wrong.yaml", "supergraph:\n  path: a\nserver:\n  prot: 1\n  port: many\n");
    await expect(readRouterConfig({ config }, {})).rejects.toThrow(
      /wrong\.yaml:5:3: server\.port: [\s\S]*wrong\.yaml:4:3: server\.prot: there is no such setting. Did you mean `port`\?/,
    );
  });

  it.each([
    ["bad.yaml", "a: [1", "bad.yaml:1:"],
    ["twice.yaml", "a: 1\na: 2\n", "twice.yaml:2:1"],
    ["list.yaml", "- a\n", "list.yaml must hold settings by their names"],
    ["empty.mjs", "export const config = {};", "has no default export"],
    ["throws.mjs", "throw new Error('no such thing');", "no such thing"],
  ])("is refused when it is %s", async (name, text, message) => {
    const config = await write(name, text);
    await expect(readRouterConfig({ config }, {})).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(message),
    });
  });

  it("is refused when it is not there", async () => {
    await expect(readRouterConfig({ config: join(folder, "nothing.yaml") }, {})).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("nothing.yaml cannot be read"),
    });
  });

  it("may be a module, and be named by the environment", async () => {
    const path = await write("router.mjs", "export default { supergraph: { path: 'a' }, server: { port: 40 + 2 } };");
    expect(await readRouterConfig({}, { ROUTER_CONFIG: path })).toMatchObject({ server: { port: 42 } });
    const wrong = await write("wrong.mjs", "export default { supergraph: { path: 'a' }, server: { prot: 1 } };");
    await expect(readRouterConfig({ config: wrong }, {})).rejects.toThrow(`${wrong}: server.prot`);
  });
});
