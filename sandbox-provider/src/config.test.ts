import { describe, expect, it } from "vitest";
import { parseSandboxProviderConfig } from "./config.ts";

const complete = {
  SANDBOX_PROVIDER_API_KEY: "sk_test_0123456789abcdef",
  SANDBOX_PROVIDER_WEBHOOK_SECRET: "whsec_0123456789abcdef",
  SANDBOX_PROVIDER_DIRECTORY: "/var/lib/sandbox-provider",
};

describe("the environment", () => {
  it("needs two secrets and a directory; the rest has defaults", () => {
    expect(parseSandboxProviderConfig(complete)).toMatchObject({
      host: "127.0.0.1",
      port: 4005,
      webhookUrl: null,
      publicUrl: null,
      slowAnswerMs: 3_000,
      lateWebhookMs: 5_000,
      logLevel: "info",
    });
  });

  it.each([
    ...Object.keys(complete).map((name) => [name, undefined]),
    ["SANDBOX_PROVIDER_API_KEY", "short"],
    ["SANDBOX_PROVIDER_PORT", "x"],
    ["SANDBOX_PROVIDER_WEBHOOK_URL", "localhost"],
    ["SANDBOX_PROVIDER_SLOW_ANSWER_MS", "-1"],
  ])("names %s when it is %s", (name = "", value) => {
    expect(() => parseSandboxProviderConfig({ ...complete, [name]: value })).toThrow(
      new RegExp(`^${name} .*Example: ${name}=`),
    );
  });
});
