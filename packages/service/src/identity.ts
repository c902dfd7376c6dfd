import { createHash } from "node:crypto";
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTVerifyGetKey,
  errors as joseErrors,
  jwtVerify,
  SignJWT,
} from "jose";
import { z } from "zod";
import { ConfigError } from "./config.ts";

/** Who asks, as the router established it from an access token. */
export interface Viewer {
  readonly userId: string;
  readonly sessionId: string | null;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

/** What a subgraph knows of a request once the router's signature over it was verified. */
export interface Caller {
  readonly viewer: Viewer | null;
  /** One id for a client's request and everything that follows from it, events included. */
  readonly correlationId: string;
}

/**
 * The router signs every request to a subgraph: a JWT in this header that names the subgraph it is for, the hash of
 * the body, the viewer, and lives for seconds. A header that a client could send proves nothing.
 */
export const ROUTER_SIGNATURE_HEADER = "x-router-signature";

const ISSUER = "supergraph-router";
const LIFETIME_SECONDS = 30;
const CLOCK_TOLERANCE_SECONDS = 5;
const ALGORITHM = "EdDSA";

export interface SigningKey {
  /** Private Ed25519 JWK with a `kid`. */
  readonly privateJwk: JWK;
}

export interface RequestSigner {
  /** A token for exactly this `body` sent to `subgraph`. */
  sign(request: { subgraph: string; body: string | Buffer; caller: Caller }): Promise<string>;
}

export const createRequestSigner = async ({ privateJwk }: SigningKey): Promise<RequestSigner> => {
  const key = await importJWK(privateJwk, ALGORITHM);
  const kid = privateJwk.kid;
  if (!kid) throw new Error("The router's signing key has no kid: give the JWK a kid, so that keys can be rotated.");
  return {
    sign: ({ subgraph, body, caller }) =>
      new SignJWT({
        bh: bodyHash(body),
        cid: caller.correlationId,
        ...(caller.viewer
          ? {
              sub: caller.viewer.userId,
              sid: caller.viewer.sessionId,
              roles: caller.viewer.roles,
              scopes: caller.viewer.scopes,
            }
          : {}),
      })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: "router-signature+jwt" })
        .setIssuer(ISSUER)
        .setAudience(subgraph)
        .setJti(crypto.randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${LIFETIME_SECONDS}s`)
        .sign(key),
  };
};

export type VerifyResult = { kind: "verified"; caller: Caller } | { kind: "refused"; reason: string };

export interface RequestVerifier {
  verify(request: { signature: string | undefined; body: string | Buffer }): Promise<VerifyResult>;
}

const Claims = z.object({
  bh: z.string(),
  cid: z.string(),
  jti: z.string(),
  sub: z.string().optional(),
  sid: z.string().nullish(),
  roles: z.array(z.string()).default([]),
  scopes: z.array(z.string()).default([]),
});

/**
 * Verifies that the router whose public keys these are signed this very body for this very subgraph, once: a token that
 * was seen before is refused for as long as it lives. The memory of seen tokens is bounded by their lifetime and is
 * this process's own.
 * @throws ConfigError when one of the keys could sign, too.
 */
export const createRequestVerifier = (options: { subgraph: string; keys: { keys: JWK[] } }): RequestVerifier => {
  if (options.keys.keys.some((key) => key.kty === "oct" || key.d !== undefined))
    throw new ConfigError("The router's keys for subgraphs must be public keys: with a private one they could sign.");
  const keys: JWTVerifyGetKey = createLocalJWKSet(options.keys);
  const seen = createReplayGuard();
  return {
    async verify({ signature, body }) {
      if (!signature) return { kind: "refused", reason: "no router signature" };
      try {
        const { payload } = await jwtVerify(signature, keys, {
          issuer: ISSUER,
          audience: options.subgraph,
          algorithms: [ALGORITHM],
          typ: "router-signature+jwt",
          maxTokenAge: `${LIFETIME_SECONDS}s`,
          clockTolerance: `${CLOCK_TOLERANCE_SECONDS}s`,
        });
        const claims = Claims.parse(payload);
        if (claims.bh !== bodyHash(body)) return { kind: "refused", reason: "body differs from what was signed" };
        if (!seen.add(claims.jti)) return { kind: "refused", reason: "signature was used before" };
        const viewer: Viewer | null =
          claims.sub === undefined
            ? null
            : { userId: claims.sub, sessionId: claims.sid ?? null, roles: claims.roles, scopes: claims.scopes };
        return { kind: "verified", caller: { viewer, correlationId: claims.cid } };
      } catch (error) {
        if (error instanceof joseErrors.JOSEError || error instanceof z.ZodError)
          return { kind: "refused", reason: "router signature is not valid" };
        throw error;
      }
    },
  };
};

/** What `envJwks` reads, and {@link createRequestVerifier} takes. */
export type IdentifiedJwk = JWK & { kty: string; kid: string; [parameter: string]: unknown };

/** A fresh Ed25519 pair for a router: the private JWK for itself, the public set for the subgraphs. */
export const generateSigningKey = async (): Promise<{ privateJwk: JWK; publicJwks: { keys: IdentifiedJwk[] } }> => {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kty: "OKP", use: "sig", alg: ALGORITHM };
  const kid = createHash("sha256")
    .update(publicJwk.x ?? "")
    .digest("base64url")
    .slice(0, 16);
  return {
    privateJwk: { ...(await exportJWK(privateKey)), alg: ALGORITHM, kid },
    publicJwks: { keys: [{ ...publicJwk, kid }] },
  };
};

const bodyHash = (body: string | Buffer): string => createHash("sha256").update(body).digest("base64url");

/** A token may come from a clock that is ahead by the tolerance, and be taken late by it; whole seconds cost one more. */
const REPLAY_WINDOW_MS = (LIFETIME_SECONDS + 2 * CLOCK_TOLERANCE_SECONDS + 1) * 1_000;

/**
 * Remembers token ids for at least the window, in two generations that are dropped in turn, so that forgetting costs
 * nothing. The generations turn by this process's clock: by what tokens say of their end, one token could stop them.
 */
const createReplayGuard = () => {
  let current = new Set<string>();
  let previous = new Set<string>();
  let turnsAt = Date.now() + REPLAY_WINDOW_MS;
  return {
    /** False when `id` was added before and may still be alive. */
    add(id: string): boolean {
      const now = Date.now();
      if (now >= turnsAt) {
        previous = current;
        current = new Set();
        turnsAt = now + REPLAY_WINDOW_MS;
      }
      if (current.has(id) || previous.has(id)) return false;
      current.add(id);
      return true;
    },
  };
};
