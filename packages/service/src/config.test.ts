import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  ConfigError,
  envJwks,
  envLogLevel,
  envNatsUrl,
  envPort,
  envPostgresUrl,
  envUrl,
  parseConfig,
} from "./config.ts";

const schema = z.object({
  PORT: envPort(4001).default(4001).meta({ example: 4001 }),
  DATABASE_URL: envPostgresUrl("users"),
  NATS_URL: envNatsUrl(),
  PSP_URL: envUrl(["http", "https"], "http://localhost:4005"),
  KEYS: envJwks(),
  LOG_LEVEL: envLogLevel(),
});

const KEYS = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"abc","kid":"1"}]}';

const complete = {
  DATABASE_URL: "postgres://users:hunter2@db:5432/users",
  NATS_URL: "nats://a:4222, tls://b:4222",
  PSP_URL: "https://psp.example",
  KEYS,
};

const refusalOf = (env: Record<string, string | undefined>): string => {
  try {
    parseConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("It was not refused.");
};

describe("the environment", () => {
  it("is read once, with defaults and in types of its own", () => {
    const config = parseConfig(schema, { ...complete, PORT: "0", UNRELATED: "x" });
    expect(config).toMatchObject({ PORT: 0, LOG_LEVEL: "info", KEYS: { keys: [{ kid: "1", x: "abc" }] } });
    expect(config).not.toHaveProperty("UNRELATED");
    expect(parseConfig(schema, complete).PORT).toBe(4001);
  });

  it("names each variable that is not set, with an example, a line each", () => {
    const lines = refusalOf({}).split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe(
      "DATABASE_URL is not set: expected a URL (postgres or postgresql). Example: DATABASE_URL=postgres://users:secret@localhost:5432/users",
    );
    for (const name of ["NATS_URL", "PSP_URL", "KEYS"])
      expect(lines.join("\n")).toMatch(new RegExp(`^${name} is not set: expected .+ Example: ${name}=`, "m"));
  });

  it("takes an empty variable for one that is not set", () => {
    expect(refusalOf({ ...complete, NATS_URL: "" })).toContain("NATS_URL is not set");
    expect(parseConfig(schema, { ...complete, PORT: "", LOG_LEVEL: "" })).toMatchObject({ PORT: 4001 });
  });

  it.each([
    ["PORT", "hunter2"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "80.5"],
    ["PORT", "1e3"],
    ["PORT", " "],
    ["DATABASE_URL", "hunter2"],
    ["DATABASE_URL", "mysql://users:hunter2@db/users"],
    ["NATS_URL", "http://hunter2"],
    ["NATS_URL", "nats://a:4222,hunter2"],
    ["PSP_URL", "ftp://hunter2"],
    ["KEYS", "hunter2"],
    ["KEYS", '{"keys":[]}'],
    ["KEYS", '{"keys":[{"kty":"OKP","d":"hunter2"}]}'],
    ["LOG_LEVEL", "hunter2"],
  ])("names %s where it is malformed, with an example and never with its value: %j", (name, value) => {
    const refusal = refusalOf({ ...complete, [name]: value });
    expect(refusal).toMatch(new RegExp(`^${name} has a value that cannot be used: .+ Example: ${name}=`));
    expect(refusal).not.toContain("hunter2");
    expect(refusal.split("\n")).toHaveLength(1);
  });
});
