import { createHash } from "node:crypto";
import { importJWK, type JWK, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Caller,
  createRequestSigner,
  createRequestVerifier,
  generateSigningKey,
  type RequestVerifier,
  type Viewer,
} from "./identity.ts";

type Key = Awaited<ReturnType<typeof generateSigningKey>>;

const ada: Viewer = { userId: "usr_ada", sessionId: "ses_1", roles: ["ADMIN"], scopes: ["users:read"] };
const caller: Caller = { viewer: ada, correlationId: "c-1" };
const body = '{"query":"{ me { id } }"}';
const noon = new Date("2026-01-31T12:00:00Z");

let key: Key;
let another: Key;

beforeAll(async () => {
  [key, another] = await Promise.all([generateSigningKey(), generateSigningKey()]);
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: noon });
});

afterEach(() => {
  vi.useRealTimers();
});

const sign = async (given: { by?: Key; subgraph?: string; body?: string; caller?: Caller } = {}): Promise<string> =>
  (await createRequestSigner({ privateJwk: (given.by ?? key).privateJwk })).sign({
    subgraph: given.subgraph ?? "users",
    body: given.body ?? body,
    caller: given.caller ?? caller,
  });

const aVerifier = (...keys: JWK[]): RequestVerifier =>
  createRequestVerifier({ subgraph: "users", keys: { keys: keys.length > 0 ? keys : key.publicJwks.keys } });

const passSeconds = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);

describe("a request that the router signed", () => {
  it("is from the viewer that it names, under its correlation id", async () => {
    expect(await aVerifier().verify({ signature: await sign(), body })).toEqual({ kind: "verified", caller });
  });

  it("is the same as text and as bytes, whatever characters are in it", async () => {
    const signature = await sign({ body: "Zoë 🛒" });
    expect(await aVerifier().verify({ signature, body: Buffer.from("Zoë 🛒") })).toMatchObject({ kind: "verified" });
  });

  it("may be a guest's", async () => {
    const guest: Caller = { viewer: null, correlationId: "c-2" };
    const signature = await sign({ caller: guest });
    expect(await aVerifier().verify({ signature, body })).toEqual({ kind: "verified", caller: guest });
  });

  it("may be of a person without a session", async () => {
    const signature = await sign({ caller: { ...caller, viewer: { ...ada, sessionId: null } } });
    expect(await aVerifier().verify({ signature, body })).toMatchObject({ caller: { viewer: { sessionId: null } } });
  });
});

describe("a request is refused", () => {
  const refusal = async (signature: string | undefined, given = body): Promise<string> => {
    const result = await aVerifier().verify({ signature, body: given });
    return result.kind === "refused" ? result.reason : result.kind;
  };

  it("without a signature", async () => {
    expect(await refusal(undefined)).toBe("no router signature");
    expect(await refusal("")).toBe("no router signature");
  });

  it("with another body than was signed", async () => {
    expect(await refusal(await sign(), `${body} `)).toBe("body differs from what was signed");
  });

  it("that was signed for another subgraph", async () => {
    expect(await refusal(await sign({ subgraph: "orders" }))).toBe("router signature is not valid");
  });

  it("that another key signed", async () => {
    expect(await refusal(await sign({ by: another }))).toBe("router signature is not valid");
  });

  it("that another key signed under the name of ours", async () => {
    const { privateJwk } = another;
    const posing = { ...another, privateJwk: { ...privateJwk, kid: key.privateJwk.kid ?? "" } };
    expect(await refusal(await sign({ by: posing }))).toBe("router signature is not valid");
  });

  it("once more: a signature is good for one request", async () => {
    const verifier = aVerifier();
    const signature = await sign();
    expect(await verifier.verify({ signature, body })).toMatchObject({ kind: "verified" });
    expect(await verifier.verify({ signature, body })).toEqual({
      kind: "refused",
      reason: "signature was used before",
    });
  });

  it("once more when both come at once", async () => {
    const verifier = aVerifier();
    const signature = await sign();
    const results = await Promise.all([1, 2, 3].map(() => verifier.verify({ signature, body })));
    expect(results.filter(({ kind }) => kind === "verified")).toHaveLength(1);
  });

  it("for as long as its signature could be taken, however much else comes between", async () => {
    const verifier = aVerifier();
    passSeconds(5);
    const fromClockAhead = await sign();
    passSeconds(-5);
    expect(await verifier.verify({ signature: fromClockAhead, body })).toMatchObject({ kind: "verified" });
    for (let second = 0; second < 60; second++) {
      passSeconds(1);
      expect(await verifier.verify({ signature: await sign(), body })).toMatchObject({ kind: "verified" });
      expect(await verifier.verify({ signature: fromClockAhead, body })).toMatchObject({ kind: "refused" });
    }
  });

  it("when it is too old, or from too far ahead", async () => {
    const signature = await sign();
    passSeconds(36);
    expect(await refusal(signature)).toBe("router signature is not valid");
    const ahead = await sign();
    passSeconds(-6);
    expect(await refusal(ahead)).toBe("router signature is not valid");
  });

  it("though clocks that differ by a few seconds are no reason", async () => {
    const late = await sign();
    passSeconds(34);
    expect(await refusal(late)).toBe("verified");
    const ahead = await sign();
    passSeconds(-5);
    expect(await refusal(ahead)).toBe("verified");
  });

  it("when it is older than its lifetime, whatever it says itself", async () => {
    const fresh = await tokenWith({ expiresIn: "10 years" });
    expect(await refusal(fresh)).toBe("verified");
    passSeconds(60);
    expect(await refusal(await tokenWith({ expiresIn: "10 years", issuedAt: noon }))).toBe(
      "router signature is not valid",
    );
  });

  it.each([
    ["no algorithm", () => new UnsecuredJWT(claims()).encode()],
    ["a shared secret that is our public key", () => signedWithPublicKey()],
    ["another issuer", () => tokenWith({ issuer: "somebody" })],
    ["another type of token", () => tokenWith({ typ: "at+jwt" })],
    ["no body hash", () => tokenWith({ without: "bh" })],
    ["no token id", () => tokenWith({ without: "jti" })],
    ["scopes that are no list", () => tokenWith({ with: { scopes: "users:read" } })],
    ["a viewer that is no text", () => tokenWith({ with: { sub: 7 } })],
  ])("with a token of %s", async (_, forge) => {
    expect(await refusal(await forge())).toBe("router signature is not valid");
  });

  it.each([
    "x",
    "..",
    "a.b.c",
    "é.é.é",
    `${"A".repeat(100_000)}.e30.AA`,
    "null",
    "eyJhbGciOiJFZERTQSJ9..",
    " ",
  ])("with what is no token: %.20s", async (signature) => {
    expect(await refusal(signature)).toBe("router signature is not valid");
  });
});

describe("the router's keys", () => {
  it("rotate: while both are known, what either signed is taken", async () => {
    const verifier = aVerifier(...key.publicJwks.keys, ...another.publicJwks.keys);
    for (const by of [key, another])
      expect(await verifier.verify({ signature: await sign({ by }), body })).toMatchObject({ kind: "verified" });
  });

  it("rotate: what a key signed that was withdrawn is refused", async () => {
    const verifier = aVerifier(...another.publicJwks.keys);
    expect(await verifier.verify({ signature: await sign(), body })).toMatchObject({ kind: "refused" });
  });

  it("are told apart by a kid, which signing needs", async () => {
    expect(key.privateJwk.kid).not.toBe(another.privateJwk.kid);
    const { kid: _, ...unnamed } = key.privateJwk;
    await expect(createRequestSigner({ privateJwk: unnamed })).rejects.toThrow("has no kid");
  });

  it("are made in pairs of which the public one tells nothing of the private one", () => {
    expect(key.publicJwks.keys[0]).not.toHaveProperty("d");
    expect(key.publicJwks.keys[0]?.kid).toBe(key.privateJwk.kid);
  });

  it("of which a subgraph holds the public ones only", () => {
    expect(() => aVerifier(key.privateJwk)).toThrow("must be public keys");
    expect(() => aVerifier({ kty: "oct", k: "c2VjcmV0", kid: "1" })).toThrow("must be public keys");
  });
});

const claims = () => ({ bh: "x", cid: "c-1", jti: "1", aud: "users", iss: "supergraph-router", sub: "usr_ada" });

/** A token that differs from the router's in what is given, signed with the router's own key. */
const tokenWith = async (
  difference: {
    issuer?: string;
    typ?: string;
    without?: string;
    with?: Record<string, unknown>;
    expiresIn?: string;
    issuedAt?: Date;
  } = {},
): Promise<string> => {
  const payload = Object.entries({
    ...claims(),
    bh: createHash("sha256").update(body).digest("base64url"),
    ...difference.with,
  }).filter(([name]) => name !== difference.without);
  return new SignJWT(Object.fromEntries(payload))
    .setProtectedHeader({
      alg: "EdDSA",
      kid: key.privateJwk.kid ?? "",
      typ: difference.typ ?? "router-signature+jwt",
    })
    .setIssuer(difference.issuer ?? "supergraph-router")
    .setIssuedAt(difference.issuedAt ?? new Date())
    .setExpirationTime(difference.expiresIn ?? "30s")
    .sign(await importJWK(key.privateJwk, "EdDSA"));
};

const signedWithPublicKey = (): Promise<string> =>
  new SignJWT({ ...claims() })
    .setProtectedHeader({ alg: "HS256", kid: key.privateJwk.kid ?? "", typ: "router-signature+jwt" })
    .setIssuedAt()
    .setExpirationTime("30s")
    .sign(Buffer.from(JSON.stringify(key.publicJwks.keys[0])));
