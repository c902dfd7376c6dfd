import { resolve } from "node:path";
import { envHost, envInteger, envLogLevel, parseConfig } from "@supergraph/service";
import { z } from "zod";
import { PORTS_AFTER_ROUTER } from "./subgraphs.ts";

export interface EmbeddedConfig {
  readonly port: number;
  readonly host: string;
  /** Absolute path of the folder that holds databases, broker, keys and the sandbox provider's journal. */
  readonly dataDirectory: string;
  readonly logLevel: z.output<ReturnType<typeof envLogLevel>>;
  /** `auto` takes a nats-server from the PATH when there is one. */
  readonly bus: "auto" | "nats" | "in-process";
}

export const parseEmbeddedConfig = (env: Readonly<Record<string, string | undefined>>): EmbeddedConfig => {
  const parsed = parseConfig(
    z.object({
      // Those after it are used, too.
      PORT: envInteger({ what: "a port", min: 1, max: 65_535 - PORTS_AFTER_ROUTER, example: 4000 }).default(4000),
      HOST: envHost(),
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
