import { userEvents } from "@supergraph/contracts";
import { eventually } from "@supergraph/testing";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPasswordHasher } from "./passwords.ts";
import { PASSWORD, startTestUsers, type TestUsers } from "./testing/users.ts";

let users: TestUsers;
beforeAll(async () => {
  users = await startTestUsers();
});
afterAll(() => users.stop());

const codes = ({ userErrors }: { userErrors: { code: string }[] }) => userErrors.map(({ code }) => code);
const countUsers = async () => Number((await users.sql`select count(*) from users`)[0]?.count);

describe("register", () => {
  it("opens an account for the normalised e-mail and signs in", async () => {
    const answer = await users.register({ email: " Ada@Example.COM ", name: " Ada 🦊 Łovelace " });
    expect(answer).toMatchObject({
      user: { email: "ada@example.com", name: "Ada 🦊 Łovelace", roles: ["CUSTOMER"] },
      expiresAt: "2026-01-31T12:15:00.000Z",
      userErrors: [],
    });
    expect(answer.user?.id).toMatch(/^usr_/);
    expect(answer.refreshToken).toMatch(/^[\w-]{43}$/);
  });

  it("answers an access token that the published keys verify", async () => {
    const answer = await users.register({ email: "token@example.com" });
    const { payload } = await jwtVerify(answer.accessToken ?? "", createLocalJWKSet(await users.keySet()), {
      issuer: "supergraph-users",
      audience: "supergraph",
      currentDate: users.clock.now(),
    });
    expect(payload).toMatchObject({ sub: answer.user?.id, roles: ["CUSTOMER"], scope: "" });
    expect(payload.sid).toMatch(/^ses_/);
  });

  it("publishes the event, without personal data", async () => {
    const { user } = await users.register({ email: "event@example.com", name: "Eve" });
    const message = await eventually(() => {
      const found = users.published.find(({ key }) => key === user?.id);
      if (!found) throw new Error("not published yet");
      return found;
    });
    expect(message.subject).toBe(userEvents.userRegistered.subject);
    expect(message.envelope.data).toEqual({ userId: user?.id, registeredAt: "2026-01-31T12:00:00.000Z" });
  });

  it("keeps neither the password nor the refresh token", async () => {
    const password = "a secret that nobody finds";
    const { refreshToken } = await users.register({ email: "secret@example.com", password });
    const dump = JSON.stringify([
      await users.sql`select * from users`,
      await users.sql`select *, encode(token_hash, 'escape') from refresh_tokens`,
      await users.sql`select * from outbox`,
    ]);
    expect(dump).not.toContain(password);
    expect(dump).not.toContain(refreshToken);
  });

  it("refuses an e-mail that is taken, however it is spelled", async () => {
    await users.register({ email: "taken@example.com" });
    const answer = await users.register({ email: "TAKEN@example.com " });
    expect(answer).toMatchObject({ user: null, accessToken: null, refreshToken: null, expiresAt: null });
    expect(answer.userErrors).toMatchObject([{ code: "EMAIL_TAKEN", path: ["input", "email"] }]);
  });

  it("gives an e-mail that two want at once to exactly one", async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => users.register({ email: "race@example.com" })));
    expect(answers.flatMap(codes).sort()).toEqual(["EMAIL_TAKEN", "EMAIL_TAKEN", "EMAIL_TAKEN"]);
    expect(answers.filter(({ user }) => user !== null)).toHaveLength(1);
  });

  it.each([
    ["too short", "short-one"],
    ["too long", "long-and-longer-".repeat(13)],
    ["common", "password123"],
    ["the e-mail", "weak@example.com"],
    ["a megabyte", "x".repeat(1_000_000)],
  ])("refuses a password that is %s, and writes nothing", async (_, password) => {
    const before = await countUsers();
    const answer = await users.register({ email: "weak@example.com", password });
    expect(answer.userErrors).toMatchObject([{ code: "WEAK_PASSWORD", path: ["input", "password"] }]);
    expect(await countUsers()).toBe(before);
  });

  it("names every field that it refuses at once", async () => {
    const answer = await users.register({ email: "nonsense", password: "with\u0000nul", name: "line\nbreak" });
    expect(answer.userErrors.map(({ code, path }) => [code, path?.join(".")])).toEqual([
      ["INVALID", "input.email"],
      ["INVALID", "input.name"],
      ["INVALID", "input.password"],
      ["WEAK_PASSWORD", "input.password"],
    ]);
  });

  it("refuses NUL and a megabyte in each field without a fault", async () => {
    for (const text of ["a\u0000b@example.com", "x".repeat(1_000_000), "\ud800"]) {
      const answer = await users.register({ email: text, name: text });
      expect(answer.userErrors.map(({ path }) => path?.join("."))).toEqual(["input.email", "input.name"]);
      expect(new Set(codes(answer))).toEqual(new Set(["INVALID"]));
    }
  });
});

describe("login", () => {
  it("signs in with the e-mail in any case and the password in any composition", async () => {
    await users.register({ email: "josé@example.com", password: "un café au lait" });
    const answer = await users.login("JOSE\u0301@example.com", "un cafe\u0301 au lait");
    expect(answer).toMatchObject({ user: { email: "josé@example.com" }, userErrors: [] });
  });

  it("answers an unknown e-mail, a wrong password and nonsense alike, for the price of one verification each", async () => {
    await users.register({ email: "known@example.com" });
    const answers = [];
    for (const [email, password] of [
      ["known@example.com", "not the password"],
      ["known@example.com", "x".repeat(1_000_000)],
      ["known@example.com", "NUL \u0000 password"],
      ["unknown@example.com", PASSWORD],
      ["unknown@example.com", ""],
      ["nonsense", PASSWORD],
      ["nul\u0000@example.com", PASSWORD],
      ["x".repeat(1_000_000), PASSWORD],
    ] as const) {
      const before = users.hashing.verifications;
      answers.push(await users.login(email, password));
      expect(users.hashing.verifications - before).toBe(1);
    }
    const [first, ...others] = answers;
    expect(first?.userErrors).toMatchObject([{ code: "INVALID_CREDENTIALS", path: null }]);
    for (const other of others) expect(other).toEqual(first);
  });

  it("runs the same statements for an unknown e-mail as for a wrong password", async () => {
    await users.register({ email: "statements@example.com" });
    const statementsOf = async (email: string) => {
      users.statements.length = 0;
      await users.login(email, "not the password");
      return [...users.statements];
    };
    expect(await statementsOf("nobody-statements@example.com")).toEqual(await statementsOf("statements@example.com"));
  });

  it("refuses even the right password after ten failures in a row, until the block ends", async () => {
    const email = "blocked@example.com";
    await users.register({ email });
    for (let i = 0; i < 10; i++) await users.login(email, "not the password");
    const wrong = await users.login(email, "not the password");
    expect(await users.login(email)).toEqual(wrong);
    users.clock.advance(30_000);
    expect((await users.login(email)).userErrors).toEqual([]);
    // Having signed in clears the slate: the next failure is a first one.
    await users.login(email, "not the password");
    expect((await users.login(email)).userErrors).toEqual([]);
  });

  it("shows a block no more for a right password than for a wrong one, nor for an unknown e-mail", async () => {
    const known = "oracle@example.com";
    await users.register({ email: known });
    const statementsOf = async (email: string, password: string) => {
      users.statements.length = 0;
      const before = users.hashing.verifications;
      const answer = await users.login(email, password);
      return { answer, statements: [...users.statements], verifications: users.hashing.verifications - before };
    };
    for (let i = 0; i < 10; i++)
      await Promise.all([
        users.login(known, "not the password"),
        users.login("nobody-oracle@example.com", "whatever it is"),
      ]);
    const blocked = await statementsOf(known, PASSWORD);
    expect(codes(blocked.answer)).toEqual(["INVALID_CREDENTIALS"]);
    expect(await statementsOf(known, "not the password")).toEqual(blocked);
    expect(await statementsOf("nobody-oracle@example.com", PASSWORD)).toEqual(blocked);
  });

  it("counts failures that come all at once", async () => {
    const email = "burst@example.com";
    await users.register({ email });
    await Promise.all(Array.from({ length: 12 }, () => users.login(email, "not the password")));
    expect(codes(await users.login(email))).toEqual(["INVALID_CREDENTIALS"]);
  });

  it("lets one person sign in many times at once", async () => {
    const email = "many@example.com";
    await users.register({ email });
    const answers = await Promise.all(Array.from({ length: 20 }, () => users.login(email)));
    expect(answers.flatMap(codes)).toEqual([]);
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(20);
  });
});

describe("when too many sign in at once", () => {
  it("turns people away with an error that says to come back, and writes nothing", async () => {
    const crowded = await startTestUsers({ hasher: await createPasswordHasher({ concurrency: 0, queue: 0 }) });
    try {
      const { email } = await crowded.account();
      for (const field of ["login", "register"]) {
        const { data, errors } = await crowded.as(null)(
          `mutation($email: String!, $password: String!) {
            ${field}(input: { email: $email, password: $password }) { accessToken userErrors { code } }
          }`,
          { email: field === "login" ? email : "new@example.com", password: PASSWORD },
        );
        expect(data).toBeNull();
        expect(errors).toMatchObject([{ path: [field], extensions: { code: "OVERLOADED" } }]);
      }
      expect(await crowded.sql`select * from login_failures`).toHaveLength(0);
      expect(await crowded.sql`select * from users where email = 'new@example.com'`).toHaveLength(0);
    } finally {
      await crowded.stop();
    }
  });
});
