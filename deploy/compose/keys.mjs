/**
 * Makes keys and passwords at the first start, keeps them in /secrets/kept, and writes at each start what every service
 * is told of them into a volume that only it has. Whatever the environment gives goes before what is made. Runs in the
 * image of users, whose keys it makes as `npm run keys` does.
 *
 * To have others, in steps between which services are rolled out (docs/operations.md):
 *   keys.mjs add|use|retire router|access-tokens        a key that verifies; it signs; none verifies but what signs
 *   keys.mjs change users|products|orders|payments|postgres|broker|provider        passwords
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigningKey } from "@supergraph/service";
import { generateAccessTokenKeys } from "@supergraph/users/server";

const root = "/secrets";
const { env } = process;
const SUBGRAPHS = ["users", "products", "orders", "payments"];
/** Those that have events: others are no users of the broker. */
const WITH_EVENTS = ["users", "products", "orders", "payments"];

/** Aside and renamed: a start that is killed half-way must not leave half a file. */
const write = (path, text) => {
  const draft = `${path}.new`;
  writeFileSync(draft, text, { mode: 0o444 });
  renameSync(draft, path);
};

const password = () => randomBytes(24).toString("base64url");

const make = async () => {
  const router = await generateSigningKey();
  return {
    createdAt: new Date().toISOString(),
    routerSigningKey: router.privateJwk,
    routerPublicKeys: router.publicJwks,
    accessTokenKeys: await generateAccessTokenKeys(),
    providerApiKey: password(),
    providerWebhookSecret: password(),
    databases: Object.fromEntries(["postgres", ...SUBGRAPHS].map((name) => [name, password()])),
    broker: Object.fromEntries(["operator", ...WITH_EVENTS].map((name) => [name, password()])),
  };
};

const kept = join(root, "kept", "secrets.json");
mkdirSync(join(root, "kept"), { recursive: true });
if (!existsSync(kept)) write(kept, JSON.stringify(await make()));
const secrets = JSON.parse(readFileSync(kept, "utf8"));
// A subgraph that came later.
const others = SUBGRAPHS.filter((name) => !(name in secrets.databases));
for (const name of others) secrets.databases[name] = password();
if (others.length > 0) write(kept, JSON.stringify(secrets));

const given = (name, otherwise) => (env[name] ? env[name] : otherwise);
const refuse = (why) => {
  process.stderr.write(`${why}\n`);
  process.exit(1);
};

/** Changes `secrets`. */
const KEYS = {
  router: {
    variable: "ROUTER_SIGNING_KEY",
    async add() {
      const { privateJwk, publicJwks } = await generateSigningKey();
      secrets.routerNextSigningKey = privateJwk;
      secrets.routerPublicKeys.keys.push(...publicJwks.keys);
    },
    use() {
      secrets.routerSigningKey =
        secrets.routerNextSigningKey ?? refuse("There is no other key of router: add one first.");
      delete secrets.routerNextSigningKey;
    },
    retire() {
      const { routerNextSigningKey: next, routerSigningKey: signs, routerPublicKeys: published } = secrets;
      if (next) refuse("The key that was added to router does not sign yet: use it first.");
      published.keys = published.keys.filter(({ kid }) => kid === signs.kid);
    },
  },
  "access-tokens": {
    variable: "ACCESS_TOKEN_KEYS",
    async add() {
      secrets.accessTokenKeys.keys.push(...(await generateAccessTokenKeys()).keys);
    },
    use() {
      const { keys } = secrets.accessTokenKeys;
      if (keys.length < 2) refuse("There is no other key of access-tokens: add one first.");
      keys.unshift(keys.pop());
    },
    retire() {
      secrets.accessTokenKeys.keys.length = 1;
    },
  },
};
const PASSWORDS = {
  broker: {
    change() {
      for (const name of Object.keys(secrets.broker)) secrets.broker[name] = password();
    },
  },
  provider: {
    variable: "PSP_API_KEY",
    change: () => Object.assign(secrets, { providerApiKey: password(), providerWebhookSecret: password() }),
  },
  ...Object.fromEntries(
    Object.keys(secrets.databases).map((name) => [name, { change: () => (secrets.databases[name] = password()) }]),
  ),
};
const [step, of] = process.argv.slice(2);
if (step !== undefined) {
  const one = step === "change" ? PASSWORDS[of] : KEYS[of];
  if (!one || !["add", "use", "retire", "change"].includes(step)) refuse(`There is no ${step} ${of ?? ""}.`);
  if (env[one.variable]) refuse(`${one.variable} is given by the environment: change it there.`);
  await one[step]();
  write(kept, JSON.stringify(secrets));
}

if (Boolean(env.ROUTER_SIGNING_KEY) !== Boolean(env.ROUTER_PUBLIC_KEYS)) {
  refuse("ROUTER_SIGNING_KEY and ROUTER_PUBLIC_KEYS go together: one of them is not set.");
}
const routerPublicKeys = given("ROUTER_PUBLIC_KEYS", JSON.stringify(secrets.routerPublicKeys));
const apiKey = given("PSP_API_KEY", secrets.providerApiKey);
const webhookSecret = given("PSP_WEBHOOK_SECRET", secrets.providerWebhookSecret);

const databaseUrl = (name) => {
  const host = given(`${name.toUpperCase()}_DATABASE_HOST`, "postgres");
  return `postgres://${name}:${secrets.databases[name]}@${host}:5432/${name}${env.DATABASE_PARAMETERS ?? ""}`;
};
const brokerUrl = (name) => `${given("BROKER_SCHEME", "nats")}://${name}:${secrets.broker[name]}@nats:4222`;
const ofSubgraph = (name) => ({
  [`${name.toUpperCase()}_DATABASE_URL`]: databaseUrl(name),
  ...(WITH_EVENTS.includes(name) ? { NATS_URL: brokerUrl(name) } : {}),
  ROUTER_PUBLIC_KEYS: routerPublicKeys,
});

/** What each is told, by the name of its volume. */
const environments = {
  router: { ROUTER_SIGNING_KEY: given("ROUTER_SIGNING_KEY", JSON.stringify(secrets.routerSigningKey)) },
  ...Object.fromEntries(SUBGRAPHS.map((name) => [name, ofSubgraph(name)])),
  users: {
    ...ofSubgraph("users"),
    ACCESS_TOKEN_KEYS: given("ACCESS_TOKEN_KEYS", JSON.stringify(secrets.accessTokenKeys)),
  },
  payments: { ...ofSubgraph("payments"), PSP_API_KEY: apiKey, PSP_WEBHOOK_SECRET: webhookSecret },
  "sandbox-provider": { SANDBOX_PROVIDER_API_KEY: apiKey, SANDBOX_PROVIDER_WEBHOOK_SECRET: webhookSecret },
  operator: {
    NATS_URL: brokerUrl("operator"),
    EXAMPLE_SHOP_AT: secrets.createdAt,
    ...Object.fromEntries(SUBGRAPHS.map((name) => [`${name.toUpperCase()}_DATABASE_URL`, databaseUrl(name)])),
  },
};
for (const [service, variables] of Object.entries(environments)) {
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  write(join(root, service, "service.env"), lines.join(""));
}
for (const [name, value] of Object.entries(secrets.databases)) write(join(root, "postgres", name), value);
const passwords = Object.entries(secrets.broker).map(([name, value]) => `${name.toUpperCase()}_PASSWORD: "${value}"\n`);
write(join(root, "nats", "passwords.conf"), passwords.join(""));
