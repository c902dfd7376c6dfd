/**
 * Makes keys and passwords at the first start, keeps them in /secrets/kept, and writes at each start what every service
 * is told of them into a volume that only it has. Whatever the environment gives goes before what is made. Runs in the
 * image of users, whose keys it makes as `npm run keys` does.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigningKey } from "@supergraph/service";
import { generateAccessTokenKeys } from "@supergraph/users/server";

const root = "/secrets";
const { env } = process;
const SUBGRAPHS = ["users", "products", "orders", "payments"];

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
    broker: Object.fromEntries(["operator", ...SUBGRAPHS].map((name) => [name, password()])),
  };
};

const kept = join(root, "kept", "secrets.json");
mkdirSync(join(root, "kept"), { recursive: true });
if (!existsSync(kept)) write(kept, JSON.stringify(await make()));
const secrets = JSON.parse(readFileSync(kept, "utf8"));

const given = (name, otherwise) => (env[name] ? env[name] : otherwise);
if (Boolean(env.ROUTER_SIGNING_KEY) !== Boolean(env.ROUTER_PUBLIC_KEYS)) {
  process.stderr.write("ROUTER_SIGNING_KEY and ROUTER_PUBLIC_KEYS go together: one of them is not set.\n");
  process.exit(1);
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
  NATS_URL: brokerUrl(name),
  ROUTER_PUBLIC_KEYS: routerPublicKeys,
});

/** What each is told, by the name of its volume. */
const environments = {
  router: { ROUTER_SIGNING_KEY: given("ROUTER_SIGNING_KEY", JSON.stringify(secrets.routerSigningKey)) },
  users: {
    ...ofSubgraph("users"),
    ACCESS_TOKEN_KEYS: given("ACCESS_TOKEN_KEYS", JSON.stringify(secrets.accessTokenKeys)),
  },
  products: ofSubgraph("products"),
  orders: ofSubgraph("orders"),
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
