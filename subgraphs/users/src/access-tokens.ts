import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { type Role, scopesOf } from "@supergraph/contracts";
import { json, type Route } from "@supergraph/service";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { z } from "zod";

export const ACCESS_TOKEN_ISSUER = "supergraph-users";
export const ACCESS_TOKEN_AUDIENCE = "supergraph";
export const ACCESS_TOKEN_LIFETIME_MS = 15 * 60 * 1000;

const ALGORITHM = "EdDSA";

const PrivateKey = z.looseObject({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  d: z.string(),
  kid: z.string().min(1).max(200),
});

/** Private Ed25519 keys: the first signs, all are published, so that a key can be put before the one it replaces. */
export const AccessTokenKeysSchema = z
  .object({ keys: z.array(PrivateKey).min(1) })
  .refine(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length, "each key needs a kid of its own")
  .refine(({ keys }) => keys.every(isWholePair), "each key needs the `d` and the `x` of one Ed25519 pair");

export type AccessTokenKeys = z.output<typeof AccessTokenKeysSchema>;

export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

export interface AccessTokens {
  /** A token that says who its bearer is and what their roles allow, for 15 minutes from `now`. */
  issue(bearer: { userId: string; sessionId: string; roles: readonly Role[] }, now: Date): Promise<AccessToken>;
  /** `GET /.well-known/jwks.json`: what verifies the tokens, public parts only. */
  readonly keySetRoute: Route;
}

/** @throws ZodError when the keys are not what {@link AccessTokenKeysSchema} asks for. */
export const createAccessTokens = (given: { keys: JWK[] }): AccessTokens => {
  const { keys } = AccessTokenKeysSchema.parse(given);
  const [signing] = keys;
  if (!signing) throw new Error("There is no key to sign access tokens with, though the schema asks for one.");
  const privateKey = toPrivateKey(signing);
  const keySet = {
    keys: keys.map(({ kty, crv, x, kid }) => ({ kty, crv, x, kid, use: "sig", alg: ALGORITHM })),
  };
  return {
    async issue({ userId, sessionId, roles }, now) {
      const expiresAt = new Date(wholeSeconds(now) * 1000 + ACCESS_TOKEN_LIFETIME_MS);
      const token = await new SignJWT({ sid: sessionId, roles, scope: scopesOf(roles).join(" ") })
        .setProtectedHeader({ alg: ALGORITHM, kid: signing.kid, typ: "JWT" })
        .setIssuer(ACCESS_TOKEN_ISSUER)
        .setAudience(ACCESS_TOKEN_AUDIENCE)
        .setSubject(userId)
        .setJti(crypto.randomUUID())
        .setIssuedAt(wholeSeconds(now))
        .setExpirationTime(expiresAt)
        .sign(privateKey);
      return { token, expiresAt };
    },
    keySetRoute: {
      method: "GET",
      path: "/.well-known/jwks.json",
      // A verifier that meets an unknown kid asks again, so this only bounds how long a retired key is still believed.
      handle: async () => json(200, keySet, { "cache-control": "public, max-age=300" }),
    },
  };
};

/** A fresh set of one key, whose `kid` is its RFC 7638 thumbprint. `ACCESS_TOKEN_KEYS` takes its JSON text. */
export const generateAccessTokenKeys = async (): Promise<AccessTokenKeys> => {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  return AccessTokenKeysSchema.parse({ keys: [{ ...jwk, kid: await calculateJwkThumbprint(jwk), alg: ALGORITHM }] });
};

const toPrivateKey = (key: z.output<typeof PrivateKey>): KeyObject =>
  createPrivateKey({ format: "jwk", key: { kty: key.kty, crv: key.crv, x: key.x, d: key.d } });

/** Node reads a private key from `d` alone: an `x` of another pair would publish a key that verifies nothing. */
const isWholePair = (key: z.output<typeof PrivateKey>): boolean => {
  try {
    return createPublicKey(toPrivateKey(key)).export({ format: "jwk" }).x === key.x;
  } catch {
    return false;
  }
};

const wholeSeconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
