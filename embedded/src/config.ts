import { resolve } from "node:path";
import { envLogLevel, parseConfig } from "@supergraph/service";
import { z } from "zod";

export interface EmbeddedConfig {
  readonly port: number;
  readonly host: string;
  /** Absolute path of the folder that holds databases, broker, keys and the sandbox provider's journal. */
  readonly dataDirectory: string;
  readonly logLevel: z.output<ReturnType<typeof envLogLevel>>;
  /** `auto` takes a nats-server from the PATH when there is one. */
  readonly bus: "auto" | "nats" | "in-process";
}

/** The five subgraph and provider ports follow the router's. */
export const PORTS_AFTER_ROUTER = 5;

export const parseEmbeddedConfig = (env: Readonly<Record<string, string | undefined>>): EmbeddedConfig => {
  const parsed = parseConfig(
    z.object({
      PORT: z.coerce
        .number("expected a port")
        .int("expected a whole number")
        .min(1, "expected a port from 1 to 65530")
        .max(65_535 - PORTS_AFTER_ROUTER, "expected a port from 1 to 65530: the five ports after it are used too")
        .default(4000)
        .meta({ example: 4000 }),
      HOST: z.string().default("127.0.0.1").meta({ example: "127.0.0.1" }),
      DATA_DIR: z.string().default(".data").meta({ example: ".data" }),
      LOG_LEVEL: envLogLevel().default("warn"),
      BUS: z
        .enum(["auto", "nats", "in-process"], "expected auto, nats or in-process")
        .default("auto")
        .meta({ example: "auto" }),
    }),
    env,
  );
  return {
    port: parsed.PORT,
    host: parsed.HOST,
    dataDirectory: resolve(parsed.DATA_DIR),
    logLevel: parsed.LOG_LEVEL,
    bus: parsed.BUS,
  };
};
