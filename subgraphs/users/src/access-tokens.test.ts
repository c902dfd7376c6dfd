import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import {
  type AccessTokenKeys,
  AccessTokenKeysSchema,
  createAccessTokens,
  generateAccessTokenKeys,
} from "./access-tokens.ts";

const noon = new Date("2026-01-31T12:00:00.789Z");
const bearer = { userId: "usr_1", sessionId: "ses_1", roles: ["CUSTOMER", "SUPPORT"] } as const;

const publishedBy = async (keys: AccessTokenKeys) => {
  const response = await createAccessTokens(keys).keySetRoute.handle({
    method: "GET",
    url: new URL("http://localhost/.well-known/jwks.json"),
    headers: {},
    body: Buffer.alloc(0),
    signal: new AbortController().signal,
    isLocal: () => true,
  });
  return { response, keySet: JSON.parse(String(response.body)) };
};

const verify = async (token: string, keys: AccessTokenKeys) =>
  jwtVerify(token, createLocalJWKSet((await publishedBy(keys)).keySet), {
    issuer: "supergraph-users",
    audience: "supergraph",
    algorithms: ["EdDSA"],
    currentDate: noon,
  });

describe("access tokens", () => {
  it("say who their bearer is and what they may, for 15 minutes", async () => {
    const keys = await generateAccessTokenKeys();
    const { token, expiresAt } = await createAccessTokens(keys).issue(bearer, noon);
    const { payload, protectedHeader } = await verify(token, keys);
    expect(protectedHeader).toMatchObject({ alg: "EdDSA", kid: keys.keys[0]?.kid });
    expect(payload).toMatchObject({
      iss: "supergraph-users",
      aud: "supergraph",
      sub: "usr_1",
      sid: "ses_1",
      roles: ["CUSTOMER", "SUPPORT"],
      scope: "users:read catalog:read stock:read orders:read orders:write payments:read payments:refund",
    });
    expect(expiresAt).toEqual(new Date("2026-01-31T12:15:00Z"));
    expect(payload.exp).toBe(expiresAt.getTime() / 1000);
  });

  it("verify while their key is published, in whatever place, and no longer", async () => {
    const [old, fresh] = [await generateAccessTokenKeys(), await generateAccessTokenKeys()];
    const rotated = { keys: [...fresh.keys, ...old.keys] };
    const signedBefore = await createAccessTokens(old).issue(bearer, noon);
    const signedAfter = await createAccessTokens(rotated).issue(bearer, noon);
    expect((await verify(signedBefore.token, rotated)).protectedHeader.kid).toBe(old.keys[0]?.kid);
    expect((await verify(signedAfter.token, rotated)).protectedHeader.kid).toBe(fresh.keys[0]?.kid);
    await expect(verify(signedBefore.token, fresh)).rejects.toThrow();
  });

  it("publish the public parts of their keys only", async () => {
    const keys = await generateAccessTokenKeys();
    const { response, keySet } = await publishedBy(keys);
    expect(response.headers?.["cache-control"]).toMatch(/max-age=\d+/);
    expect(Object.keys(keySet.keys[0]).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
    expect(String(response.body)).not.toContain(keys.keys[0]?.d);
  });
});

describe("the configuration of their keys", () => {
  it("refuses public keys, other curves, repeated kids and halves of two pairs", async () => {
    const [one, two] = [(await generateAccessTokenKeys()).keys[0], (await generateAccessTokenKeys()).keys[0]];
    const refused = (...keys: unknown[]) => !AccessTokenKeysSchema.safeParse({ keys }).success;
    expect(refused()).toBe(true);
    expect(refused({ ...one, d: undefined })).toBe(true);
    expect(refused({ ...one, crv: "X25519" })).toBe(true);
    expect(refused({ ...one, kid: undefined })).toBe(true);
    expect(refused(one, { ...two, kid: one?.kid })).toBe(true);
    expect(refused({ ...one, x: two?.x })).toBe(true);
    expect(refused({ ...one, d: "AAAA" })).toBe(true);
    expect(refused(one, two)).toBe(false);
  });
});
