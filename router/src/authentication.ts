import type { Logger, ReadinessCheck, Viewer } from "@supergraph/service";
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";

export type Authentication =
  | { readonly kind: "guest" }
  | { readonly kind: "viewer"; readonly viewer: Viewer; readonly expiresAt: Date }
  /** The token proves nothing. `message` is for the client. */
  | { readonly kind: "refused"; readonly message: string }
  /** The keys that would prove the token cannot be had: it may be a good one. */
  | { readonly kind: "unavailable" };

export interface Authenticator {
  /** Takes the `Authorization` header. */
  authenticate(authorization: string | undefined): Promise<Authentication>;
  /** Passes once the keys were loaded, and from then on; null where none are needed. */
  readonly readiness: ReadinessCheck | null;
}

/** For a router that leaves tokens to its subgraphs. */
export const guestsOnly = (): Authenticator => ({ authenticate: async () => ({ kind: "guest" }), readiness: null });

/** An HMAC algorithm here would let anybody sign with a public key; `none` would need no key at all. */
const ALGORITHMS = ["EdDSA", "ES256"];
const CLOCK_TOLERANCE_SECONDS = 5;
const REFRESH_AFTER_MS = 5 * 60_000;
const RETRY_AFTER_MS = 10_000;
const FETCH_TIMEOUT_MS = 3_000;

const Claims = z.object({
  sub: z.string().min(1).max(200),
  exp: z.number(),
  sid: z.string().max(200).nullish(),
  roles: z.array(z.string()).default([]),
  /** RFC 8693: space-separated. */
  scope: z.string().default(""),
  scopes: z.array(z.string()).default([]),
});

/**
 * Verifies access tokens (JWT, EdDSA or ES256) against the key set at `jwksUrl`. A known key set stays in use while its
 * source cannot be reached, so that sign-ins outlive an outage of the service that made them; it is refreshed in the
 * background, and at once for a key that is not in it.
 */
export const createAuthenticator = (options: {
  jwksUrl: string;
  issuer: string;
  audience: string;
  /** How long an unknown key does not make the set be loaded again: forged key ids must not become requests. */
  unknownKeyCooldownMs: number;
  log: Logger;
}): Authenticator => {
  const { issuer, audience, log } = options;
  const keys = createKeys(options);

  return {
    async authenticate(authorization) {
      if (authorization === undefined) return { kind: "guest" };
      const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*) *$/i.exec(authorization)?.[1];
      if (!token)
        return { kind: "refused", message: "The Authorization header must be `Bearer` and a JSON Web Token." };
      try {
        const { payload } = await jwtVerify(token, keys.find, {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          requiredClaims: ["sub", "exp"],
        });
        const { sub, sid, roles, scope, scopes, exp } = Claims.parse(payload);
        return {
          kind: "viewer",
          viewer: {
            userId: sub,
            sessionId: sid ?? null,
            roles,
            scopes: [...new Set([...scope.split(" ").filter(Boolean), ...scopes])],
          },
          expiresAt: new Date(exp * 1000),
        };
      } catch (error) {
        if (error instanceof KeySourceUnavailable) {
          log.error({ err: error.cause }, "cannot load the keys that verify access tokens");
          return { kind: "unavailable" };
        }
        if (error instanceof errors.JWTExpired)
          return { kind: "refused", message: "The access token has expired: refresh the session or sign in again." };
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
          log.debug({ err: error }, "refused an access token");
          return { kind: "refused", message: "The access token is not valid: sign in again." };
        }
        throw error;
      }
    },
    readiness: { name: "access token keys", check: keys.load },
  };
};

class KeySourceUnavailable extends Error {
  override readonly name = "KeySourceUnavailable";
}

const createKeys = (options: {
  jwksUrl: string;
  unknownKeyCooldownMs: number;
  log: Logger;
}): { find: JWTVerifyGetKey; load(): Promise<void> } => {
  const { log } = options;
  const remote = createRemoteJWKSet(new URL(options.jwksUrl), {
    // Never stale by itself: a stale set would be refused while its source is away. `refresh` replaces it.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: options.unknownKeyCooldownMs,
    timeoutDuration: FETCH_TIMEOUT_MS,
  });
  let refreshAt = 0;

  const refresh = (): void => {
    if (Date.now() < refreshAt) return;
    refreshAt = Date.now() + REFRESH_AFTER_MS;
    remote.reload().catch((error: unknown) => {
      refreshAt = Date.now() + RETRY_AFTER_MS;
      log.warn({ err: error }, "could not refresh the keys that verify access tokens");
    });
  };

  return {
    async find(header, token) {
      if (remote.jwks()) refresh();
      try {
        return await remote(header, token);
      } catch (error) {
        // No key, several keys, an unusable key: the token's fault. Anything else befell the fetch.
        if (
          error instanceof errors.JWKSNoMatchingKey ||
          error instanceof errors.JWKSMultipleMatchingKeys ||
          error instanceof errors.JOSENotSupported
        )
          throw error;
        throw new KeySourceUnavailable("The key set cannot be loaded.", { cause: error });
      }
    },
    async load() {
      if (remote.jwks()) return;
      await remote.reload();
      refreshAt = Date.now() + REFRESH_AFTER_MS;
    },
  };
};
