import { newId, type Viewer } from "@supergraph/service";
import { testViewer } from "@supergraph/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestUsers, type TestUsers, type UserErrorAnswer } from "./testing/users.ts";

let users: TestUsers;
let viewer: Viewer;
beforeAll(async () => {
  users = await startTestUsers();
});
afterAll(() => users.stop());
beforeEach(async () => {
  viewer = (await users.account()).viewer;
});

interface AddressAnswer {
  id: string;
  line1: string;
  line2: string | null;
  city: string;
  region: string | null;
  postalCode: string;
  country: string;
  isDefault: boolean;
}

interface Payload {
  address: AddressAnswer | null;
  userErrors: UserErrorAnswer[];
}

const FIELDS = "id line1 line2 city region postalCode country isDefault";

const SAVE = `mutation($input: AddressInput!) {
  saveAddress(input: $input) { address { ${FIELDS} } userErrors { code path message } }
}`;

const aStreet = { line1: "1 Main Street", city: "Springfield", postalCode: "12345", country: "US" };

const save = async (change: Record<string, unknown> = {}, as: Viewer = viewer): Promise<Payload> => {
  const { data, errors } = await users.as(as)<{ saveAddress: Payload }>(SAVE, { input: { ...aStreet, ...change } });
  if (!data) throw new Error(`saveAddress was answered with ${JSON.stringify(errors)}.`);
  return data.saveAddress;
};

const saved = async (change: Record<string, unknown> = {}): Promise<AddressAnswer> => {
  const { address, userErrors } = await save(change);
  if (!address) throw new Error(`saveAddress was refused: ${JSON.stringify(userErrors)}.`);
  return address;
};

const remove = async (id: string, as: Viewer = viewer): Promise<Payload> => {
  const { data, errors } = await users.as(as)<{ deleteAddress: Payload }>(
    `mutation($id: ID!) { deleteAddress(id: $id) { address { ${FIELDS} } userErrors { code path message } } }`,
    { id },
  );
  if (!data) throw new Error(`deleteAddress was answered with ${JSON.stringify(errors)}.`);
  return data.deleteAddress;
};

const mine = async (): Promise<AddressAnswer[]> => {
  const { data } = await users.as(viewer)<{ me: { addresses: AddressAnswer[] } }>(`{ me { addresses { ${FIELDS} } } }`);
  return data?.me.addresses ?? [];
};

const defaults = async () => (await mine()).filter(({ isDefault }) => isDefault).map(({ id }) => id);

describe("saveAddress", () => {
  it("creates an address, the first as default", async () => {
    const address = await saved({ line1: " Straße 1 🏠 ", line2: "", region: "Ōsaka", country: "de" });
    expect(address).toMatchObject({
      line1: "Straße 1 🏠",
      line2: null,
      region: "Ōsaka",
      country: "DE",
      isDefault: true,
    });
    expect(address.id).toMatch(/^adr_/);
    expect(await mine()).toEqual([address]);
  });

  it("lists the default first, then the newest first", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      users.clock.advance(1000);
      ids.push((await saved({ line1: `${i}` })).id);
    }
    expect((await mine()).map(({ id }) => id)).toEqual([ids[0], ids[2], ids[1]]);
  });

  it("moves the default to the address that asks for it", async () => {
    const first = await saved();
    const second = await saved({ isDefault: true });
    expect(await defaults()).toEqual([second.id]);
    await save({ id: first.id, isDefault: true });
    expect(await defaults()).toEqual([first.id]);
  });

  it("replaces the whole of an address, and leaves the default where it is", async () => {
    const first = await saved({ line2: "Back door", region: "IL" });
    const replaced = await saved({ id: first.id, line1: "2 Side Street" });
    expect(replaced).toEqual({ ...first, line1: "2 Side Street", line2: null, region: null, isDefault: true });
  });

  it("keeps one default when many ask for it at once", async () => {
    await Promise.all(Array.from({ length: 10 }, () => save({ isDefault: true })));
    expect(await mine()).toHaveLength(10);
    expect(await defaults()).toHaveLength(1);
  });

  it("has room for 50 addresses, also when they come at once", async () => {
    const answers = await Promise.all(Array.from({ length: 53 }, () => save()));
    const refused = answers.filter(({ address }) => address === null);
    expect(refused.map(({ userErrors }) => userErrors[0]?.code)).toEqual(["INVALID", "INVALID", "INVALID"]);
    expect(await mine()).toHaveLength(50);
  });

  it("answers somebody else's address, an unknown one and an id of another type alike", async () => {
    const theirs = await saved();
    const stranger = (await users.account()).viewer;
    for (const id of [theirs.id, newId("adr"), viewer.userId, "", "adr_\u0000", "🦊", "x".repeat(1_000_000)]) {
      const { address, userErrors } = await save({ id }, stranger);
      expect(address).toBeNull();
      expect(userErrors).toMatchObject([{ code: "NOT_FOUND", path: ["input", "id"] }]);
    }
    expect(await mine()).toEqual([theirs]);
  });

  it("names every field that it refuses, and writes nothing", async () => {
    const { userErrors } = await save({
      line1: "a\u0000",
      city: "x".repeat(1_000_000),
      postalCode: " ",
      country: "UK",
    });
    expect(userErrors.map(({ code, path }) => [code, path?.join(".")])).toEqual([
      ["INVALID", "input.line1"],
      ["INVALID", "input.city"],
      ["INVALID", "input.postalCode"],
      ["INVALID", "input.country"],
    ]);
    expect(await mine()).toEqual([]);
  });
});

describe("deleteAddress", () => {
  it("answers the address as it was, and finds it no second time", async () => {
    const address = await saved();
    expect(await remove(address.id)).toEqual({ address, userErrors: [] });
    expect((await remove(address.id)).userErrors).toMatchObject([{ code: "NOT_FOUND", path: ["id"] }]);
  });

  it("promotes the newest of the others when the default goes", async () => {
    const first = await saved();
    users.clock.advance(1000);
    await saved();
    users.clock.advance(1000);
    const newest = await saved();
    await remove(first.id);
    expect(await defaults()).toEqual([newest.id]);
  });

  it("answers somebody else's address and an id of another type as unknown", async () => {
    const theirs = await saved();
    const stranger = (await users.account()).viewer;
    for (const id of [theirs.id, viewer.userId, "\u0000"])
      expect((await remove(id, stranger)).userErrors).toMatchObject([{ code: "NOT_FOUND" }]);
    expect(await mine()).toEqual([theirs]);
  });
});

describe("the database", () => {
  it("itself refuses a second default", async () => {
    const address = await saved();
    const second = await saved();
    await expect(users.sql`update addresses set is_default = true where id = ${second.id}`).rejects.toThrow(
      "addresses_one_default",
    );
    expect(await defaults()).toEqual([address.id]);
  });
});

describe("a guest and somebody whose account is gone", () => {
  it("are told to sign in", async () => {
    for (const who of [null, testViewer()]) {
      const { errors } = await users.as(who)(SAVE, { input: aStreet });
      expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
      const deletion = await users.as(who)(`mutation { deleteAddress(id: "${newId("adr")}") { userErrors { code } } }`);
      expect(deletion.errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
    }
  });
});
