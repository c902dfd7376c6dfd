import { generateSigningKey } from "@supergraph/service";
import { generateAccessTokenKeys } from "@supergraph/users/server";

/** Prints fresh keys for one environment, as lines of an environment file. */
const router = await generateSigningKey();
const accessTokenKeys = await generateAccessTokenKeys();
for (const [name, value] of Object.entries({
  ROUTER_SIGNING_KEY: router.privateJwk,
  ROUTER_PUBLIC_KEYS: router.publicJwks,
  ACCESS_TOKEN_KEYS: accessTokenKeys,
})) {
  process.stdout.write(`${name}='${JSON.stringify(value)}'\n`);
}
