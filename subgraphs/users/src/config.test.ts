import { describe, expect, it } from "vitest";
import { generateAccessTokenKeys } from "./access-tokens.ts";
import { parseUsersConfig } from "./config.ts";

const anEnvironment = async () => ({
  USERS_DATABASE_URL: "postgres://users:secret@localhost:5432/users",
  ROUTER_PUBLIC_KEYS: '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"abc","kid":"router"}]}',
  ACCESS_TOKEN_KEYS: JSON.stringify(await generateAccessTokenKeys()),
  NATS_URL: "nats://localhost:4222",
});

describe("the configuration", () => {
  it("needs the database, both key sets and the bus, and has defaults for the rest", async () => {
    const config = parseUsersConfig(await anEnvironment());
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 4001,
      nats: { servers: "nats://localhost:4222", replicas: 1 },
      logLevel: "info",
    });
    expect(config.accessTokenKeys.keys).toHaveLength(1);
  });

  it("names every variable that is missing at once", () => {
    expect(() => parseUsersConfig({})).toThrow(/USERS_DATABASE_URL.*ROUTER_PUBLIC_KEYS.*ACCESS_TOKEN_KEYS.*NATS_URL/s);
  });

  it("refuses public keys to sign with, and shows no secret in saying so", async () => {
    const env = await anEnvironment();
    const [key] = (await generateAccessTokenKeys()).keys;
    const withoutX = JSON.stringify({ keys: [{ ...key, x: "nothing" }] });
    const error = (() => {
      try {
        return parseUsersConfig({ ...env, ACCESS_TOKEN_KEYS: withoutX });
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toMatchObject({ message: expect.stringContaining("ACCESS_TOKEN_KEYS") });
    expect(String(error)).not.toContain(key?.d);
    expect(() => parseUsersConfig({ ...env, ACCESS_TOKEN_KEYS: env.ROUTER_PUBLIC_KEYS })).toThrow("ACCESS_TOKEN_KEYS");
  });
});
