import {
  envHost,
  envJwks,
  envLogLevel,
  envPort,
  envPostgresUrl,
  IDLE_GRACE_MS,
  parseConfig,
  type SubgraphConfig,
} from "@supergraph/service";
import { z } from "zod";

const Environment = z.object({
  {{NAME}}_HOST: envHost(),
  {{NAME}}_PORT: envPort({{port}}).default({{port}}).meta({ example: {{port}} }),
  {{NAME}}_DATABASE_URL: envPostgresUrl("{{name}}"),
  ROUTER_PUBLIC_KEYS: envJwks(),
  LOG_LEVEL: envLogLevel(),
});

/** @throws ConfigError naming every variable that is missing or malformed. */
export const parse{{Name}}Config = (env: Readonly<Record<string, string | undefined>>): SubgraphConfig => {
  const parsed = parseConfig(Environment, env);
  return {
    host: parsed.{{NAME}}_HOST,
    port: parsed.{{NAME}}_PORT,
    databaseUrl: parsed.{{NAME}}_DATABASE_URL,
    routerPublicKeys: parsed.ROUTER_PUBLIC_KEYS,
    idleGraceMs: IDLE_GRACE_MS,
    logLevel: parsed.LOG_LEVEL,
  };
};
