import { describe, expect, it } from "vitest";
import { parseProductsConfig } from "./config.ts";

const env = {
  PRODUCTS_DATABASE_URL: "postgres://products:secret@localhost/products",
  ROUTER_PUBLIC_KEYS: '{"keys":[{"kty":"OKP","kid":"a"}]}',
  NATS_URL: "nats://localhost:4222",
};

describe("the configuration", () => {
  it("needs a database, the router's keys and the bus, the rest has defaults", () => {
    expect(parseProductsConfig(env)).toEqual({
      host: "127.0.0.1",
      port: 4002,
      databaseUrl: env.PRODUCTS_DATABASE_URL,
      expiryIntervalMs: 1_000,
      routerPublicKeys: { keys: [{ kty: "OKP", kid: "a" }] },
      idleGraceMs: 1_000,
      nats: expect.objectContaining({ servers: env.NATS_URL, replicas: 1 }),
      maxMessageBytes: 524_288,
      logLevel: "info",
    });
  });

  it.each([
    ["PRODUCTS_PORT", "65536"],
    ["PRODUCTS_PORT", "web"],
    ["PRODUCTS_DATABASE_URL", "mysql://localhost"],
    ["PRODUCTS_DATABASE_URL", ""],
    ["PRODUCTS_EXPIRY_INTERVAL_MS", "0"],
    ["PRODUCTS_EXPIRY_INTERVAL_MS", "1.5"],
    ["PRODUCTS_EXPIRY_INTERVAL_MS", " "],
    ["NATS_URL", "localhost:4222"],
    ["ROUTER_PUBLIC_KEYS", "{}"],
    ["LOG_LEVEL", "loud"],
  ])("names %s when it is %j", (name, value) => {
    expect(() => parseProductsConfig({ ...env, [name]: value })).toThrow(name);
  });

  it("names every variable that is missing at once", () => {
    expect(() => parseProductsConfig({})).toThrow(/PRODUCTS_DATABASE_URL.*ROUTER_PUBLIC_KEYS.*NATS_URL/s);
  });
});
