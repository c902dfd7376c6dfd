import { envJwks, envLogLevel, envPort, envPostgresUrl, parseConfig } from "@supergraph/service";
import type { JWK } from "jose";
import { z } from "zod";
import { AccessTokenKeysSchema } from "./access-tokens.ts";

const Environment = z.object({
  USERS_HOST: z.string().default("127.0.0.1").meta({ example: "127.0.0.1" }),
  USERS_PORT: envPort(4001).default(4001).meta({ example: 4001 }),
  USERS_DATABASE_URL: envPostgresUrl("users"),
  ROUTER_PUBLIC_KEYS: envJwks(),
  ACCESS_TOKEN_KEYS: envJwks()
    .pipe(AccessTokenKeysSchema)
    .meta({ example: '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"…","d":"…","kid":"…"}]}' }),
  LOG_LEVEL: envLogLevel(),
});

export interface UsersConfig {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly databaseUrl: string;
  /** What verifies the router's signatures. */
  readonly routerPublicKeys: { keys: JWK[] };
  /** Private: the first signs access tokens, all are published. */
  readonly accessTokenKeys: { keys: JWK[] };
  readonly logLevel: string;
}

/** @throws ConfigError naming every variable that is wrong. */
export const parseUsersConfig = (env: Readonly<Record<string, string | undefined>>): UsersConfig => {
  const parsed = parseConfig(Environment, env);
  return {
    host: parsed.USERS_HOST,
    port: parsed.USERS_PORT,
    databaseUrl: parsed.USERS_DATABASE_URL,
    routerPublicKeys: parsed.ROUTER_PUBLIC_KEYS,
    accessTokenKeys: parsed.ACCESS_TOKEN_KEYS,
    logLevel: parsed.LOG_LEVEL,
  };
};
