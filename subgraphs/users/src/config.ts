import {
  type BusConfig,
  envHost,
  envJwks,
  envLogLevel,
  envPort,
  envPostgresUrl,
  IDLE_GRACE_MS,
  natsConfig,
  natsVariables,
  parseConfig,
  type SubgraphConfig,
} from "@supergraph/service";
import type { JWK } from "jose";
import { z } from "zod";
import { AccessTokenKeysSchema } from "./access-tokens.ts";

const Environment = z.object({
  USERS_HOST: envHost(),
  USERS_PORT: envPort(4001).default(4001).meta({ example: 4001 }),
  USERS_DATABASE_URL: envPostgresUrl("users"),
  ROUTER_PUBLIC_KEYS: envJwks(),
  ACCESS_TOKEN_KEYS: envJwks()
    .pipe(AccessTokenKeysSchema)
    .meta({ example: '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"…","d":"…","kid":"…"}]}' }),
  ...natsVariables,
  LOG_LEVEL: envLogLevel(),
});

export interface UsersConfig extends SubgraphConfig {
  /** Private: the first signs access tokens, all are published. */
  readonly accessTokenKeys: { keys: JWK[] };
}

/** @throws ConfigError naming every variable that is missing or malformed. */
export const parseUsersConfig = (env: Readonly<Record<string, string | undefined>>): UsersConfig & BusConfig => {
  const parsed = parseConfig(Environment, env);
  return {
    host: parsed.USERS_HOST,
    port: parsed.USERS_PORT,
    databaseUrl: parsed.USERS_DATABASE_URL,
    routerPublicKeys: parsed.ROUTER_PUBLIC_KEYS,
    idleGraceMs: IDLE_GRACE_MS,
    accessTokenKeys: parsed.ACCESS_TOKEN_KEYS,
    nats: natsConfig(parsed),
    maxMessageBytes: parsed.NATS_MAX_MESSAGE_BYTES,
    logLevel: parsed.LOG_LEVEL,
  };
};
