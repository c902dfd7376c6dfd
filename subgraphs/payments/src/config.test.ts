import { describe, expect, it } from "vitest";
import { parseNatsUrl, parsePaymentsConfig } from "./config.ts";

const complete = {
  PAYMENTS_DATABASE_URL: "postgres://payments:secret@localhost:5432/payments",
  ROUTER_PUBLIC_KEYS: '{"keys":[{"kty":"OKP","kid":"1"}]}',
  PSP_URL: "http://localhost:4005",
  PSP_API_KEY: "sk_test_0123456789abcdef",
  PSP_WEBHOOK_SECRET: "whsec_0123456789abcdef",
};

describe("the environment", () => {
  it("needs the database, the router's keys and the provider; the rest has defaults", () => {
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
    ["PAYMENTS_PORT", "70000"],
  ])("names %s when it is %s", (name = "", value) => {
    expect(() => parsePaymentsConfig({ ...complete, [name]: value })).toThrow(
      new RegExp(`^${name} .*Example: ${name}=`),
    );
  });

  it("does not show a malformed secret", () => {
    expect(() => parsePaymentsConfig({ ...complete, PSP_API_KEY: "hush" })).toThrow(/^(?!.*hush)/);
  });

  it("needs the bus in a process of its own", () => {
    expect(parseNatsUrl({ NATS_URL: "nats://localhost:4222" })).toBe("nats://localhost:4222");
    expect(() => parseNatsUrl({})).toThrow(/^NATS_URL is not set/);
  });
});
