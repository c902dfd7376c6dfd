import { createInProcessBus } from "@supergraph/messaging";
import { silentLogger } from "@supergraph/service";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generateAccessTokenKeys, startUsersSubgraph } from "./server.ts";
import { fetchKeySet, startTestUsers, type TestUsers } from "./testing/users.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

let users: TestUsers;
beforeAll(async () => {
  users = await startTestUsers();
});
afterAll(() => users.stop());

const codes = ({ userErrors }: { userErrors: { code: string }[] }) => userErrors.map(({ code }) => code);

describe("refreshSession", () => {
  it("trades a refresh token for a new pair of the same session", async () => {
    const first = await users.register({ email: "rotate@example.com" });
    users.clock.advance(60_000);
    const second = await users.refresh(first.refreshToken);
    expect(second).toMatchObject({ user: { id: first.user?.id }, userErrors: [] });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(decodeJwt(second.accessToken ?? "").sid).toBe(decodeJwt(first.accessToken ?? "").sid);
    expect(decodeJwt(second.accessToken ?? "").jti).not.toBe(decodeJwt(first.accessToken ?? "").jti);
    expect(codes(await users.refresh(second.refreshToken))).toEqual([]);
  });

  it("revokes the whole family when a token is used again, and tells so", async () => {
    const first = await users.register({ email: "reuse@example.com" });
    const second = await users.refresh(first.refreshToken);
    const again = await users.refresh(first.refreshToken);
    expect(again).toMatchObject({ user: null, accessToken: null, refreshToken: null, expiresAt: null });
    expect(again.userErrors).toMatchObject([{ code: "TOKEN_REUSED", path: ["refreshToken"] }]);
    expect(codes(await users.refresh(second.refreshToken))).toEqual(["TOKEN_INVALID"]);
    expect(codes(await users.refresh(first.refreshToken))).toEqual(["TOKEN_REUSED"]);
  });

  it("leaves other sessions of the same person alone when one is revoked", async () => {
    const one = await users.register({ email: "two-devices@example.com" });
    const other = await users.login("two-devices@example.com");
    await users.refresh(one.refreshToken);
    await users.refresh(one.refreshToken);
    expect(codes(await users.refresh(other.refreshToken))).toEqual([]);
  });

  it("lets exactly one of many at once win, and ends the session", async () => {
    const { refreshToken } = await users.register({ email: "at-once@example.com" });
    const answers = await Promise.all(Array.from({ length: 8 }, () => users.refresh(refreshToken)));
    const winners = answers.filter(({ userErrors }) => userErrors.length === 0);
    expect(winners).toHaveLength(1);
    expect(new Set(answers.flatMap(codes))).toEqual(new Set(["TOKEN_REUSED"]));
    expect(codes(await users.refresh(winners[0]?.refreshToken ?? null))).toEqual(["TOKEN_INVALID"]);
  });

  it("slides: a session lives as long as it is refreshed within 30 days", async () => {
    let { refreshToken } = await users.register({ email: "slides@example.com" });
    for (let i = 0; i < 3; i++) {
      users.clock.advance(30 * DAY_MS - 1);
      const next = await users.refresh(refreshToken);
      expect(codes(next)).toEqual([]);
      refreshToken = next.refreshToken;
    }
    users.clock.advance(30 * DAY_MS);
    expect(codes(await users.refresh(refreshToken))).toEqual(["TOKEN_INVALID"]);
  });

  it("takes the roles from the database of that moment", async () => {
    const { refreshToken, user } = await users.register({ email: "promoted@example.com" });
    await users.sql`update users set roles = '{CUSTOMER,SUPPORT}' where id = ${user?.id ?? ""}`;
    const next = await users.refresh(refreshToken);
    expect(next.user?.roles).toEqual(["CUSTOMER", "SUPPORT"]);
    expect(decodeJwt(next.accessToken ?? "")).toMatchObject({ roles: ["CUSTOMER", "SUPPORT"] });
    expect(decodeJwt(next.accessToken ?? "").scope).toContain("users:read");
  });

  it.each([
    ["nothing", ""],
    ["an unknown token", "A".repeat(43)],
    ["NUL", "\u0000".repeat(43)],
    ["a megabyte", "x".repeat(1_000_000)],
    ["an emoji", "🦊"],
  ])("takes %s for an invalid token", async (_, token) => {
    expect((await users.refresh(token)).userErrors).toMatchObject([{ code: "TOKEN_INVALID", path: ["refreshToken"] }]);
  });

  it("keeps no tokens that have expired", async () => {
    const first = await users.register({ email: "tidy@example.com" });
    users.clock.advance(29 * DAY_MS);
    const second = await users.refresh(first.refreshToken);
    users.clock.advance(29 * DAY_MS);
    await users.refresh(second.refreshToken);
    const [row] = await users.sql`
      select count(*)::int from refresh_tokens t join sessions s on s.id = t.session_id where s.user_id = ${first.user?.id ?? ""}`;
    expect(row?.count).toBe(2);
  });
});

describe("logout", () => {
  it("ends the session, and can be repeated", async () => {
    const first = await users.register({ email: "logout@example.com" });
    const second = await users.refresh(first.refreshToken);
    expect(await users.logout(second.refreshToken)).toEqual({ userErrors: [] });
    expect(codes(await users.refresh(second.refreshToken))).toEqual(["TOKEN_INVALID"]);
    expect(await users.logout(second.refreshToken)).toEqual({ userErrors: [] });
  });

  it("ends the session of a token that was traded already", async () => {
    const first = await users.register({ email: "old-logout@example.com" });
    const second = await users.refresh(first.refreshToken);
    await users.logout(first.refreshToken);
    expect(codes(await users.refresh(second.refreshToken))).toEqual(["TOKEN_INVALID"]);
  });

  it("ends no other session", async () => {
    const one = await users.register({ email: "one-logout@example.com" });
    const other = await users.login("one-logout@example.com");
    await users.logout(one.refreshToken);
    expect(codes(await users.refresh(other.refreshToken))).toEqual([]);
  });

  it("takes an unknown token, NUL and a megabyte for a session that has ended", async () => {
    for (const token of ["A".repeat(43), "\u0000", "x".repeat(1_000_000)])
      expect(await users.logout(token)).toEqual({ userErrors: [] });
  });
});

describe("the key set", () => {
  it("verifies tokens of the old key while a new one, put before it, signs", async () => {
    const before = await users.register({ email: "keys@example.com" });
    const fresh = await generateAccessTokenKeys();
    const bus = createInProcessBus({ log: silentLogger() });
    const rotated = await startUsersSubgraph(
      {
        host: "127.0.0.1",
        port: 0,
        databaseUrl: users.databaseUrl,
        routerPublicKeys: users.signer.publicJwks,
        accessTokenKeys: { keys: [...fresh.keys, ...users.keys.keys] },
        logLevel: "silent",
      },
      { bus, log: silentLogger(), now: users.clock.now },
    );
    try {
      const keySet = await fetchKeySet(rotated.url);
      expect(JSON.stringify(keySet)).not.toContain('"d"');
      const { data } = await users.signer.client(rotated.url, "users")(null)<{
        refreshSession: { accessToken: string };
      }>("mutation($t: String!) { refreshSession(refreshToken: $t) { accessToken } }", { t: before.refreshToken });
      const after = data?.refreshSession.accessToken ?? "";
      expect(decodeProtectedHeader(after).kid).toBe(fresh.keys[0]?.kid);
      const options = { audience: "supergraph", currentDate: users.clock.now() };
      await jwtVerify(after, createLocalJWKSet(keySet), options);
      await jwtVerify(before.accessToken ?? "", createLocalJWKSet(keySet), options);
    } finally {
      await rotated.stop();
      await bus.stop();
    }
  });
});
