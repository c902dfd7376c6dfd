import { describe, expect, it } from "vitest";
import { securityFindings } from "./security.ts";
import { type Case, comparisonOf, told } from "./testing/comparison.ts";

const findingsOf = async (given: Case) => securityFindings(await comparisonOf(given));

const USERS = `type Query { me: User }
type Mutation { rename(to: String): User }
type User @key(fields: "id") { id: ID! email: String name: String card: Card }
type Card { number: String holder: String }`;

const guarded = (what: string, directive: string, sdl = USERS): string => {
  if (!sdl.includes(what)) throw new Error(`there is no ${what}`);
  return sdl.replace(what, `${what} ${directive}`);
};
const between = (before: string, after: string, more: Partial<Case> = {}) =>
  findingsOf({ base: { users: before }, head: { users: after }, ...more });

const EMAIL = guarded("email: String", "@authenticated");
const READS_EMAIL = { "shop/Me.graphql": "query Me { me { email } }" };
const READS_NAME = { "shop/Me.graphql": "query Me { me { name } }" };

describe("what more viewers may see", () => {
  it("is an error, whoever uses it, at the field and at the demand that is gone", async () => {
    const [finding, ...more] = await between(EMAIL, USERS, { operations: READS_NAME });
    expect(more).toEqual([]);
    expect(finding && told(finding)).toBe(
      "SECURITY_REQUIREMENT_RELAXED error User.email [users] users.graphql:4:40 users.graphql:4:54(base)",
    );
    expect(finding?.message).toBe("User.email may be seen by anybody, and was only by whoever is signed in.");
  });

  it("is told where a scope is no longer asked for", async () => {
    const [finding] = await between(
      guarded("email: String", '@requiresScopes(scopes: [["user:read", "user:mail"]])'),
      guarded("email: String", '@requiresScopes(scopes: [["user:read"]])'),
    );
    expect(finding && told(finding)).toBe(
      "SECURITY_REQUIREMENT_RELAXED error User.email [users] users.graphql:4:54 users.graphql:4:54(base)",
    );
    expect(finding?.message).toBe(
      "User.email may be seen by whoever has user:read, and was only by whoever has user:mail and user:read.",
    );
  });

  it("is told of a type as a whole, and not of each of its fields", async () => {
    const findings = await between(guarded("type Card", "@authenticated"), USERS);
    expect(findings.map(told)).toEqual([
      "SECURITY_REQUIREMENT_RELAXED error Card [users] users.graphql:5:6 users.graphql:5:11(base)",
    ]);
  });

  it("is but the type itself where its fields demand the same from now on", async () => {
    const fields = guarded("holder: String", "@authenticated", guarded("number: String", "@authenticated"));
    expect((await between(guarded("type Card", "@authenticated"), fields)).map(told)).toEqual([
      "SECURITY_REQUIREMENT_RELAXED error Card [users] users.graphql:5:6 users.graphql:5:11(base)",
    ]);
  });

  it("is found under another name of the directive", async () => {
    const named = (directive: string) =>
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", { name: "@authenticated", as: "@private" }])\n${guarded("email: String", directive)}`;
    expect((await between(named("@private"), named(""))).map(told)).toEqual([
      "SECURITY_REQUIREMENT_RELAXED error User.email [users] users.graphql:4:40 users.graphql:4:54(base)",
    ]);
    const prefixed = EMAIL.replace("@authenticated", "@federation__authenticated");
    const plain = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n`;
    expect((await between(plain + prefixed, plain + USERS)).map(told)).toEqual([
      "SECURITY_REQUIREMENT_RELAXED error User.email [users] users.graphql:4:40 users.graphql:4:54(base)",
    ]);
  });

  it("is nothing where another subgraph demands it still", async () => {
    const shared = (sdl: string) => sdl.replace("email: String", "email: String @shareable");
    const other = `type User @key(fields: "id") { id: ID! email: String @shareable @authenticated }`;
    expect(
      await findingsOf({
        base: { users: shared(EMAIL), other },
        head: { users: shared(USERS), other },
      }),
    ).toEqual([]);
  });

  it("is told for the subgraph that is gone with its demand", async () => {
    const shared = USERS.replace("email: String", "email: String @shareable");
    const other = `type User @key(fields: "id") { id: ID! email: String @shareable @authenticated }`;
    expect((await findingsOf({ base: { users: shared, other }, head: { users: shared } })).map(told)).toEqual([
      "SECURITY_REQUIREMENT_RELAXED error User.email [other] other.graphql:2:65(base)",
    ]);
  });
});

describe("what fewer viewers may see", () => {
  it("is an error where a known operation selects it", async () => {
    const [finding, ...more] = await between(USERS, EMAIL, { operations: READS_EMAIL });
    expect(more).toEqual([]);
    expect(finding && told(finding)).toBe("SECURITY_REQUIREMENT_TIGHTENED error User.email [users] users.graphql:4:54");
    expect(finding?.message).toBe("User.email may be seen only by whoever is signed in, and was by anybody.");
    expect(finding?.details).toEqual(["shop/Me is affected"]);
  });

  it("is a warning where none does, and an error where none is known", async () => {
    const [unused] = await between(USERS, EMAIL, { operations: READS_NAME, owners: { users: "team-users" } });
    expect(unused?.severity).toBe("warning");
    expect(unused?.details).toEqual(["No known operation is affected; unknown clients may be: ask team-users."]);
    const [unknown] = await between(USERS, EMAIL);
    expect(unknown?.severity).toBe("error");
  });

  it("is an error of a type that an operation selects through an interface only", async () => {
    const sdl = `type Query { node: Node }\ninterface Node { id: ID! }\ntype Book implements Node { id: ID! }`;
    const [finding] = await between(sdl, guarded("type Book implements Node", "@authenticated", sdl), {
      operations: { "shop/A.graphql": "query A { node { id } }" },
    });
    expect(finding && told(finding)).toBe("SECURITY_REQUIREMENT_TIGHTENED error Book [users] users.graphql:4:27");
    expect(finding?.details).toEqual(["shop/A is affected"]);
  });
});

describe("what other viewers may see", () => {
  it("is an error with those whom it concerns", async () => {
    const [finding, ...more] = await between(
      guarded("email: String", '@requiresScopes(scopes: [["a"]])'),
      guarded("email: String", '@requiresScopes(scopes: [["b"]])'),
      { operations: READS_EMAIL },
    );
    expect(more).toEqual([]);
    expect(finding && told(finding)).toBe(
      "SECURITY_REQUIREMENT_CHANGED error User.email [users] users.graphql:4:54 users.graphql:4:54(base)",
    );
    expect(finding?.message).toBe("User.email may be seen by whoever has b, and was by whoever has a.");
    expect(finding?.details).toEqual(["shop/Me is affected"]);
  });
});

describe("what is new", () => {
  const allGuarded = guarded("holder: String", "@authenticated", guarded("number: String", "@authenticated"));

  it("is a warning where it demands nothing and all its siblings do", async () => {
    const findings = await between(allGuarded, allGuarded.replace("type Card {", "type Card { expires: String"));
    expect(findings.map(told)).toEqual([
      "SECURITY_UNPROTECTED_FIELD_ADDED warning Card.expires [users] users.graphql:5:13",
    ]);
  });

  it("is nothing where it demands something itself, by its type or by what it answers", async () => {
    expect(
      await between(allGuarded, allGuarded.replace("type Card {", "type Card { expires: String @authenticated")),
    ).toEqual([]);
    const whole = guarded("type Card", "@authenticated");
    expect(await between(whole, whole.replace("number:", "expires: String number:"))).toEqual([]);
    const secret = `${allGuarded}\ntype Secret @authenticated { text: String }`;
    expect(
      await between(
        `${secret}\nextend type Query { s: Secret }`,
        `${secret.replace("type Card {", "type Card { more: Secret")}\nextend type Query { s: Secret }`,
      ),
    ).toEqual([]);
  });

  it("is nothing where a sibling demands nothing either", async () => {
    expect(await between(EMAIL, EMAIL.replace("name: String", "name: String age: Int"))).toEqual([]);
  });

  it("is told of a mutation that anybody may send", async () => {
    const more = (directive: string) => USERS.replace("rename(", `close: Boolean ${directive} rename(`);
    expect((await between(USERS, more(""))).map(told)).toEqual([
      "SECURITY_UNPROTECTED_MUTATION_ADDED info Mutation.close [users] users.graphql:3:17",
    ]);
    expect(await between(USERS, more("@authenticated"))).toEqual([]);
  });
});

describe("what was hidden", () => {
  it("is a warning when it can be asked for, with what it demands", async () => {
    const [finding, ...more] = await between(guarded("email: String", "@inaccessible"), EMAIL);
    expect(more).toEqual([]);
    expect(finding && told(finding)).toBe(
      "SECURITY_NEWLY_PUBLIC warning User.email [users] users.graphql:4:40 users.graphql:4:54(base)",
    );
    expect(finding?.message).toBe("User.email was @inaccessible, and may be seen by whoever is signed in now.");
  });

  it("is told of an argument with what its field demands", async () => {
    const search = (directive: string) => USERS.replace("me: User", `me(as: String ${directive}): User @authenticated`);
    const findings = await between(search("@inaccessible"), search(""));
    expect(findings.map(({ coordinate, message }) => `${coordinate}: ${message}`)).toEqual([
      "Query.me(as:): Query.me(as:) was @inaccessible, and may be seen by whoever is signed in now.",
    ]);
  });

  it("is told of a type as a whole", async () => {
    const hidden = guarded("card: Card", "@inaccessible", guarded("type Card", "@inaccessible"));
    expect((await between(hidden, guarded("card: Card", "@inaccessible"))).map(told)).toEqual([
      "SECURITY_NEWLY_PUBLIC warning Card [users] users.graphql:5:6 users.graphql:5:11(base)",
    ]);
  });

  it("is nothing while another subgraph hides it", async () => {
    const shared = (sdl: string) => sdl.replace("email: String", "email: String @shareable");
    const other = `type User @key(fields: "id") { id: ID! email: String @shareable @inaccessible }`;
    expect(
      await findingsOf({
        base: { users: shared(guarded("email: String", "@inaccessible")), other },
        head: { users: shared(USERS), other },
      }),
    ).toEqual([]);
  });
});

describe("an unchanged graph", () => {
  it("has nothing to tell", async () => {
    expect(await between(EMAIL, EMAIL)).toEqual([]);
    expect(await between(EMAIL, `${EMAIL}\n# a comment`)).toEqual([]);
  });
});
