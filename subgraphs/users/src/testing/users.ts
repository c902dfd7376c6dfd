import { type Role, userEvents } from "@supergraph/contracts";
import { createInProcessBus, type Message } from "@supergraph/messaging";
import { generateSigningKey, newId, silentLogger, type Viewer } from "@supergraph/service";
import {
  createTestDatabase,
  createTestSigner,
  type ManualClock,
  manualClock,
  type TestQuery,
  testViewer,
} from "@supergraph/testing";
import type { JSONWebKeySet } from "jose";
import postgres from "postgres";
import { expect } from "vitest";
import { createPasswordHasher, type PasswordHasher } from "../passwords.ts";
import { seedUsers } from "../seed.ts";
import { type AccessTokenKeys, generateAccessTokenKeys, migrateUsers, startUsersSubgraph } from "../server.ts";

export const PASSWORD = "correct horse battery staple";

export interface UserErrorAnswer {
  code: string;
  path: string[] | null;
  message: string;
}

export interface AuthAnswer {
  user: { id: string; email: string; name: string | null; roles: Role[] } | null;
  accessToken: string | null;
  refreshToken: string | null;
  expiresAt: string | null;
  userErrors: UserErrorAnswer[];
}

const AUTH = "user { id email name roles } accessToken refreshToken expiresAt userErrors { code path message }";

/** The whole subgraph over HTTP on a database of its own, with a clock that stands and a hasher that counts. */
export interface TestUsers {
  readonly url: string;
  readonly databaseUrl: string;
  readonly clock: ManualClock;
  readonly keys: AccessTokenKeys;
  /** Looks into the database behind the subgraph's back. */
  readonly sql: postgres.Sql;
  /** Every statement of the subgraph so far; empty it to count. */
  readonly statements: string[];
  /** Every event that reached the bus. */
  readonly published: Message[];
  readonly hashing: { verifications: number };
  /** Private; the subgraph trusts it beside the signer's own. */
  readonly routerKey: Awaited<ReturnType<typeof generateSigningKey>>["privateJwk"];
  readonly signer: Awaited<ReturnType<typeof createTestSigner>>;
  as(viewer: Viewer | null): TestQuery;
  /** An account that was there from the beginning. */
  account(options?: {
    roles?: Role[];
    email?: string;
    name?: string | null;
  }): Promise<{ viewer: Viewer; email: string }>;
  /** The published key set, as the subgraph serves it. */
  keySet(): Promise<JSONWebKeySet>;
  register(input: { email: string; password?: string; name?: string | null }): Promise<AuthAnswer>;
  login(email: string, password?: string): Promise<AuthAnswer>;
  refresh(refreshToken: string | null): Promise<AuthAnswer>;
  logout(refreshToken: string | null): Promise<{ userErrors: UserErrorAnswer[] }>;
  stop(): Promise<void>;
}

export const startTestUsers = async ({ hasher }: { hasher?: PasswordHasher } = {}): Promise<TestUsers> => {
  const database = await createTestDatabase({ migrate: migrateUsers });
  const signer = await createTestSigner();
  const router = await generateSigningKey();
  const clock = manualClock("2026-01-31T12:00:00.000Z");
  const keys = await generateAccessTokenKeys();
  const log = silentLogger();
  const bus = createInProcessBus({ log });
  const published: Message[] = [];
  const statements: string[] = [];
  const passwords = countVerifications(hasher ?? (await createPasswordHasher()));
  await bus.tail([userEvents.userRegistered.subject, userEvents.userDeleted.subject], (message) =>
    published.push(message),
  );
  bus.open();
  const subgraph = await startUsersSubgraph(
    {
      host: "127.0.0.1",
      port: 0,
      databaseUrl: database.url,
      routerPublicKeys: { keys: [...signer.publicJwks.keys, ...router.publicJwks.keys] },
      accessTokenKeys: keys,
      logLevel: "silent",
    },
    { bus, log, now: clock.now, onQuery: (statement) => statements.push(statement), passwords: passwords.hasher },
  );
  const sql = postgres(database.url, { max: 2, onnotice: () => undefined });
  const as = signer.client(subgraph.url, "users");

  const authenticate = async (field: string, declaration: string, variables: Record<string, unknown>) => {
    const { data, errors } = await as(null)<{ answer: AuthAnswer }>(
      `mutation(${declaration}) { answer: ${field} { ${AUTH} } }`,
      variables,
    );
    if (!data) throw new Error(`${field} was answered with ${JSON.stringify(errors)}.`);
    return data.answer;
  };

  return {
    url: subgraph.url,
    databaseUrl: database.url,
    clock,
    keys,
    sql,
    statements,
    published,
    hashing: passwords.counter,
    routerKey: router.privateJwk,
    signer,
    as,
    account: async (options = {}) => {
      const { roles = ["CUSTOMER"], email = `${newId("u")}@example.com`, name = null } = options;
      const id = newId("usr");
      await seedUsers(database.url, [
        { id, email, password: PASSWORD, name, roles, createdAt: clock.now(), addresses: [] },
      ]);
      return { viewer: testViewer({ userId: id, roles }), email };
    },
    keySet: () => fetchKeySet(subgraph.url),
    register: ({ password = PASSWORD, ...input }) =>
      authenticate("register(input: $input)", "$input: RegisterInput!", { input: { ...input, password } }),
    login: (email, password = PASSWORD) =>
      authenticate("login(input: $input)", "$input: LoginInput!", { input: { email, password } }),
    refresh: (refreshToken) =>
      authenticate("refreshSession(refreshToken: $refreshToken)", "$refreshToken: String!", { refreshToken }),
    logout: async (refreshToken) => {
      const { data } = await as(null)<{ logout: { userErrors: UserErrorAnswer[] } }>(
        "mutation($refreshToken: String!) { logout(refreshToken: $refreshToken) { userErrors { code path message } } }",
        { refreshToken },
      );
      if (!data) throw new Error("logout was answered without data.");
      return data.logout;
    },
    stop: async () => {
      await subgraph.stop();
      await bus.stop();
      await sql.end({ timeout: 5 });
      await database.drop();
    },
  };
};

export const fetchKeySet = async (graphqlUrl: string): Promise<JSONWebKeySet> => {
  const response = await fetch(new URL("/.well-known/jwks.json", graphqlUrl));
  expect(response.headers.get("cache-control")).toBe("public, max-age=300");
  return (await response.json()) as JSONWebKeySet;
};

const countVerifications = (hasher: PasswordHasher) => {
  const counter = { verifications: 0 };
  return {
    counter,
    hasher: {
      hash: hasher.hash,
      verify: (password, passwordHash) => {
        counter.verifications++;
        return hasher.verify(password, passwordHash);
      },
    } satisfies PasswordHasher,
  };
};
