import { describe, expect, it } from "vitest";
import { parsePaymentsConfig } from "./config.ts";

const complete = {
  PAYMENTS_DATABASE_URL: "postgres://payments:secret@localhost:5432/payments",
  ROUTER_PUBLIC_KEYS: '{"keys":[{"kty":"OKP","kid":"1"}]}',
  PSP_URL: "http://localhost:4005",
  PSP_API_KEY: "sk_test_0123456789abcdef",
  PSP_WEBHOOK_SECRET: "whsec_0123456789abcdef",
  NATS_URL: "nats://localhost:4222",
};

describe("the environment", () => {
  it("needs the database, the router's keys, the provider and the bus; the rest has defaults", () => {
    expect(parsePaymentsConfig(complete)).toMatchObject({
      host: "127.0.0.1",
      port: 4004,
      logLevel: "info",
      psp: { url: "http://localhost:4005", timeoutMs: 2_000 },
    });
  });

  it.each([
    ...Object.keys(complete).map((name) => [name, undefined]),
    ["PAYMENTS_DATABASE_URL", "mysql://x"],
    ["PSP_URL", "ftp://x"],
    ["PSP_API_KEY", "short"],
    ["PSP_TIMEOUT_MS", "soon"],
    ["PSP_TIMEOUT_MS", " "],
    ["PSP_TIMEOUT_MS", "99"],
    ["NATS_URL", "http://localhost:4222"],
    ["PAYMENTS_PORT", "70000"],
  ])("names %s when it is %s", (name = "", value) => {
    expect(() => parsePaymentsConfig({ ...complete, [name]: value })).toThrow(
      new RegExp(`^${name} .*Example: ${name}=`),
    );
  });

  it("does not show a malformed secret", () => {
    expect(() => parsePaymentsConfig({ ...complete, PSP_API_KEY: "hush" })).toThrow(/^(?!.*hush)/);
  });

  it("names every variable that is missing at once", () => {
    expect(() => parsePaymentsConfig({})).toThrow(
      /PAYMENTS_DATABASE_URL.*ROUTER_PUBLIC_KEYS.*PSP_URL.*PSP_API_KEY.*PSP_WEBHOOK_SECRET.*NATS_URL/s,
    );
  });
});
