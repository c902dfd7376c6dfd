import { type Role, userEvents } from "@supergraph/contracts";
import { newId, type Viewer } from "@supergraph/service";
import { eventually, testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestUsers, type TestUsers, type UserErrorAnswer } from "./testing/users.ts";

let users: TestUsers;
let admin: Viewer;
beforeAll(async () => {
  users = await startTestUsers();
  admin = (await users.account({ roles: ["ADMIN"], email: "admin@example.com" })).viewer;
});
afterAll(() => users.stop());

interface Payload {
  user: { id: string; roles: Role[] } | null;
  userErrors: UserErrorAnswer[];
}

const SET_ROLES = `mutation($userId: ID!, $roles: [Role!]!) {
  setUserRoles(userId: $userId, roles: $roles) { user { id roles } userErrors { code path message } }
}`;

const DELETE = "mutation($id: ID!) { deleteUser(id: $id) { user { id } userErrors { code path message } } }";

const setRoles = async (userId: string, roles: Role[]): Promise<Payload> => {
  const { data, errors } = await users.as(admin)<{ setUserRoles: Payload }>(SET_ROLES, { userId, roles });
  if (!data) throw new Error(`setUserRoles was answered with ${JSON.stringify(errors)}.`);
  return data.setUserRoles;
};

const remove = async (id: string): Promise<Payload> => {
  const { data, errors } = await users.as(admin)<{ deleteUser: Payload }>(DELETE, { id });
  if (!data) throw new Error(`deleteUser was answered with ${JSON.stringify(errors)}.`);
  return data.deleteUser;
};

describe("setUserRoles", () => {
  it("replaces the roles, each once", async () => {
    const { viewer } = await users.account();
    expect(await setRoles(viewer.userId, ["SUPPORT", "CUSTOMER", "SUPPORT"])).toEqual({
      user: { id: viewer.userId, roles: ["CUSTOMER", "SUPPORT"] },
      userErrors: [],
    });
    expect(await setRoles(viewer.userId, ["SUPPORT"])).toMatchObject({ user: { roles: ["SUPPORT"] } });
  });

  it("refuses to leave nobody's role, and ids that are no user's", async () => {
    const { viewer } = await users.account();
    expect((await setRoles(viewer.userId, [])).userErrors).toMatchObject([{ code: "INVALID", path: ["roles"] }]);
    for (const id of [newId("usr"), newId("adr"), "", "usr_\u0000", "x".repeat(1_000_000)])
      expect((await setRoles(id, ["CUSTOMER"])).userErrors).toMatchObject([{ code: "NOT_FOUND", path: ["userId"] }]);
  });

  it("refuses to take ADMIN from oneself and from the last admin", async () => {
    const other = (await users.account({ roles: ["ADMIN"] })).viewer;
    expect((await setRoles(admin.userId, ["SUPPORT"])).userErrors).toMatchObject([
      { code: "INVALID", path: ["roles"] },
    ]);
    expect((await setRoles(other.userId, ["SUPPORT"])).userErrors).toEqual([]);
  });

  it("refuses a former admin whose access token still says ADMIN", async () => {
    const former = (await users.account({ roles: ["ADMIN"] })).viewer;
    await setRoles(former.userId, ["CUSTOMER"]);
    for (const userId of [former.userId, admin.userId]) {
      const { errors } = await users.as(former)(SET_ROLES, { userId, roles: ["ADMIN"] });
      expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    }
    const [row] = await users.sql`select roles from users where id = ${former.userId}`;
    expect(row?.roles).toEqual(["CUSTOMER"]);
  });

  it("leaves an admin when two admins take ADMIN from each other at once", async () => {
    const other = (await users.account({ roles: ["ADMIN"] })).viewer;
    const answers = await Promise.all([
      users.as(admin)(SET_ROLES, { userId: other.userId, roles: ["SUPPORT"] }),
      users.as(other)(SET_ROLES, { userId: admin.userId, roles: ["SUPPORT"] }),
    ]);
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    const [row] = await users.sql`select count(*)::int from users where 'ADMIN' = any(roles)`;
    expect(row?.count).toBe(1);
    await users.sql`update users set roles = '{ADMIN}' where id = ${admin.userId}`;
    await users.sql`update users set roles = '{CUSTOMER}' where id = ${other.userId}`;
  });

  it("is for who holds users:write only", async () => {
    const { viewer } = await users.account();
    for (const [who, code] of [
      [null, "UNAUTHENTICATED"],
      [viewer, "FORBIDDEN"],
      [testViewer({ roles: ["SUPPORT"] }), "FORBIDDEN"],
    ] as const) {
      const { errors } = await users.as(who)(SET_ROLES, { userId: viewer.userId, roles: ["ADMIN"] });
      expect(errors).toMatchObject([{ extensions: { code } }]);
    }
  });
});

describe("deleteUser", () => {
  it("erases the person, ends their sessions and publishes that", async () => {
    const email = "gone@example.com";
    const { user, refreshToken } = await users.register({ email, name: "Somebody To Forget" });
    const viewer = testViewer({ userId: user?.id ?? "" });
    await users.as(viewer)(
      'mutation { saveAddress(input: { line1: "Secret Lane", city: "C", postalCode: "1", country: "DE" }) { address { id } } }',
    );

    expect(await remove(viewer.userId)).toEqual({ user: null, userErrors: [] });

    expect((await users.refresh(refreshToken)).userErrors).toMatchObject([{ code: "TOKEN_INVALID" }]);
    expect((await users.login(email)).userErrors).toMatchObject([{ code: "INVALID_CREDENTIALS" }]);
    expect((await users.as(viewer)("{ me { id } }")).data).toEqual({ me: null });
    const everything = JSON.stringify([
      await users.sql`select * from users where id = ${viewer.userId}`,
      await users.sql`select * from addresses where user_id = ${viewer.userId}`,
      await users.sql`select * from outbox where key = ${viewer.userId}`,
    ]);
    for (const trace of [email, "Forget", "Secret Lane", "argon2"]) expect(everything).not.toContain(trace);
    const event = await eventually(() => {
      const found = users.published.find(
        ({ key, subject }) => key === viewer.userId && subject === userEvents.userDeleted.subject,
      );
      if (!found) throw new Error("not published yet");
      return found;
    });
    expect(event.envelope.data).toEqual({ userId: viewer.userId, deletedAt: users.clock.now().toISOString() });
  });

  it("finds nobody a second time, and lets the e-mail register again", async () => {
    const { viewer, email } = await users.account();
    await remove(viewer.userId);
    expect((await remove(viewer.userId)).userErrors).toMatchObject([{ code: "NOT_FOUND", path: ["id"] }]);
    expect((await setRoles(viewer.userId, ["CUSTOMER"])).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
    const again = await users.register({ email });
    expect(again.userErrors).toEqual([]);
    expect(again.user?.id).not.toBe(viewer.userId);
  });

  it("refuses oneself and ids that are no user's", async () => {
    expect((await remove(admin.userId)).userErrors).toMatchObject([{ code: "INVALID", path: ["id"] }]);
    for (const id of [newId("usr"), newId("ses"), "\u0000"])
      expect((await remove(id)).userErrors).toMatchObject([{ code: "NOT_FOUND", path: ["id"] }]);
  });

  it("refuses a former admin whose access token still says ADMIN", async () => {
    const { viewer } = await users.account();
    const former = (await users.account({ roles: ["ADMIN"] })).viewer;
    await remove(former.userId);
    const { errors } = await users.as(former)(DELETE, { id: viewer.userId });
    expect(errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]);
    expect((await setRoles(viewer.userId, ["SUPPORT"])).userErrors).toEqual([]);
  });

  it("is for who holds users:write only", async () => {
    const { viewer } = await users.account();
    for (const who of [null, viewer, testViewer({ roles: ["SUPPORT"] })]) {
      const { errors } = await users.as(who)(DELETE, { id: viewer.userId });
      expect(errors?.[0]?.extensions?.code).toBe(who ? "FORBIDDEN" : "UNAUTHENTICATED");
    }
  });
});
