import { createHash } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Library, startLibrary, startServer } from "./testing/library.ts";

describe.each([
  ["the router itself", true],
  ["Apollo Server", false],
])("answered by %s:", (_, fastPath) => {
  let library: Library;
  beforeAll(async () => {
    library = await startLibrary({ server: { fastPath } });
  });
  afterAll(() => library.stop());

  const inAMinute = () => Math.floor(Date.now() / 1000) + 60;
  const claims = () => ({ sub: "usr_1", iss: "supergraph-users", aud: "supergraph", exp: inAMinute() });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  const expectRefused = async (token: string, message: RegExp) => {
    const answer = await library.ask("{ viewer }", { token });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="graphql", error="invalid_token"');
    expect(answer.data).toBeUndefined();
    expect(answer.errors).toEqual([
      { message: expect.stringMatching(message), extensions: { code: "UNAUTHENTICATED" } },
    ]);
  };

  describe("authentication", () => {
    it("serves a guest who brings no token", async () => {
      expect((await library.ask("{ viewer }")).data).toEqual({ viewer: "guest" });
    });

    it("takes who a valid token names for the viewer", async () => {
      const token = await library.token({ scope: "a b", scopes: ["c"] });
      expect((await library.ask("{ viewer }", { token })).data).toEqual({ viewer: "usr_1 a,b,c" });
    });

    it("refuses the whole request for an expired token, and says so", async () => {
      await expectRefused(await library.token({}, -10), /expired/);
    });

    it("bears a clock that is a few seconds off", async () => {
      expect((await library.ask("{ viewer }", { token: await library.token({}, -2) })).data).toEqual({
        viewer: "usr_1 ",
      });
    });

    it("refuses a token of another issuer or for another audience", async () => {
      await expectRefused(await library.token({ iss: "somebody" }), /not valid/);
      await expectRefused(await library.token({ aud: "elsewhere" }), /not valid/);
    });

    it("refuses a token that another key signed, under a known and under an unknown kid", async () => {
      const { privateKey } = await generateKeyPair("EdDSA");
      for (const kid of ["access-1", "access-2"])
        await expectRefused(
          await new SignJWT(claims()).setProtectedHeader({ alg: "EdDSA", kid }).sign(privateKey),
          /not valid/,
        );
    });

    it("refuses a token whose claims were changed after signing", async () => {
      const [header, , signature] = (await library.token()).split(".");
      await expectRefused(`${header}.${encode({ ...claims(), sub: "usr_admin" })}.${signature}`, /not valid/);
    });

    it("refuses the algorithm none", async () => {
      await expectRefused(`${encode({ alg: "none", kid: "access-1" })}.${encode(claims())}.`, /not valid/);
    });

    it("refuses HS256 with the public key as its secret", async () => {
      const { publicJwk } = library.accessKey;
      const publicKey = await importJWK({ ...publicJwk, ext: true }, "EdDSA", { extractable: true });
      if (publicKey instanceof Uint8Array) throw new Error("an Ed25519 key is no secret");
      for (const secret of [await exportSPKI(publicKey), publicJwk.x ?? "", JSON.stringify(publicJwk)])
        await expectRefused(
          await new SignJWT(claims())
            .setProtectedHeader({ alg: "HS256", kid: "access-1" })
            .sign(createHash("sha256").update(secret).digest()),
          /not valid/,
        );
    });

    it("refuses a token without an expiry or a subject", async () => {
      const { privateKey } = library.accessKey;
      for (const missing of ["exp", "sub"]) {
        const token = new SignJWT({ ...claims(), [missing]: undefined });
        await expectRefused(
          await token.setProtectedHeader({ alg: "EdDSA", kid: "access-1" }).sign(privateKey),
          /not valid/,
        );
      }
    });

    it.each([
      ["Basic dXNlcjpwYXNz"],
      ["Bearer"],
      ["Bearer a b"],
      ["Bearer not-a-token"],
      ["token"],
    ])("refuses the Authorization header `%s`", async (authorization) => {
      const { status, errors } = await library.ask("{ viewer }", { headers: { authorization } });
      expect(status).toBe(401);
      expect(errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    });
  });

  describe("authentication while the key source is away", () => {
    it("says that it cannot verify, and serves guests", async () => {
      const away = await startLibrary({
        server: { fastPath },
        authentication: { jwksUrl: "http://127.0.0.1:9/jwks.json" },
      });
      const token = await away.token();
      const answer = await away.ask("{ viewer }", { token });
      expect(answer.status).toBe(503);
      expect(answer.errors?.[0]?.extensions.code).toBe("SUBGRAPH_UNAVAILABLE");
      expect(answer.text).not.toContain("127.0.0.1");
      expect((await away.ask("{ viewer }")).data).toEqual({ viewer: "guest" });
      expect((await away.request("/health/ready")).status).toBe(503);
      await away.stop();
    });

    it("takes a key source that answers nonsense for one that is away", async () => {
      const nonsense = await startServer((_, response) => response.end("<html>"));
      const away = await startLibrary({ server: { fastPath }, authentication: { jwksUrl: nonsense.url } });
      expect((await away.ask("{ viewer }", { token: await away.token() })).status).toBe(503);
      await away.stop();
      await nonsense.stop();
    });

    it("goes on with the keys that it knows", async () => {
      const { publicJwk } = library.accessKey;
      const source = await startServer((_, response) => response.end(JSON.stringify({ keys: [publicJwk] })));
      const outlived = await startLibrary({ server: { fastPath }, authentication: { jwksUrl: source.url } });
      const token = await library.token();
      expect((await outlived.ask("{ viewer }", { token })).status).toBe(200);
      await source.stop();
      expect((await outlived.ask("{ viewer }", { token })).status).toBe(200);
      await outlived.stop();
    });

    it("finds a key that was added to the set after it was loaded", async () => {
      const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
      const added = { ...(await exportJWK(publicKey)), kid: "new", alg: "ES256" };
      let keys: unknown[] = [];
      const source = await startServer((_, response) => response.end(JSON.stringify({ keys })));
      const rotated = await startLibrary({
        server: { fastPath },
        authentication: { jwksUrl: source.url, unknownKeyCooldownMs: 0 },
      });
      keys = [added];
      const token = await new SignJWT(claims()).setProtectedHeader({ alg: "ES256", kid: "new" }).sign(privateKey);
      expect((await rotated.ask("{ viewer }", { token })).data).toEqual({ viewer: "usr_1 " });
      await rotated.stop();
      await source.stop();
    });
  });
});
