import { existsSync } from "node:fs";
import { join } from "node:path";
import { openNatsLetters } from "../nats/letters.ts";
import { openFileLetters } from "./file-letters.ts";
import type { LetterStore } from "./letters.ts";
import { UsageError } from "./selection.ts";

/** Where the command line says that the letters are. */
export interface Place {
  readonly nats?: string;
  readonly directory?: string;
}

const CONNECT_TIMEOUT_MS = 5_000;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The broker of `--nats` or NATS_URL, with the credentials and certificates that services take from their environment;
 * else what runs on the data folder of `npm start`: its private broker, or the files of its in-process bus.
 * @throws UsageError when there is none of them; NatsConnectError when the broker cannot be used.
 */
export const openLetters = async ({ nats, directory }: Place, environment: Environment): Promise<LetterStore> => {
  const url = nats ?? (directory === undefined ? environment.NATS_URL || undefined : undefined);
  if (url !== undefined)
    return openNatsLetters({ servers: url, connectTimeoutMs: CONNECT_TIMEOUT_MS, ...securityOf(environment) });
  const folder = directory ?? (environment.DATA_DIR || ".data");
  const privateUrl = await privateBrokerOf(join(folder, "nats"));
  if (privateUrl !== null) return openNatsLetters({ servers: privateUrl, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  const files = join(folder, "dead-letters");
  if (existsSync(files)) return openFileLetters(files);
  if (existsSync(join(folder, "nats")))
    throw new UsageError(
      `The broker of ${folder} keeps its dead letters, and it does not run: start it with npm start.`,
    );
  if (existsSync(folder)) return openFileLetters(files);
  throw new UsageError(
    `There is neither a broker nor a data folder ${folder}: give --nats nats://host:4222 (or set NATS_URL), or --directory with the data folder of npm start.`,
  );
};

const securityOf = (environment: Environment) => {
  const caFile = environment.NATS_TLS_CA_FILE || undefined;
  const certFile = environment.NATS_TLS_CERT_FILE || undefined;
  const keyFile = environment.NATS_TLS_KEY_FILE || undefined;
  return {
    namespace: environment.NATS_NAMESPACE || undefined,
    credentialsFile: environment.NATS_CREDENTIALS_FILE || undefined,
    tls:
      caFile === undefined && certFile === undefined
        ? undefined
        : { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) },
  };
};

/** Loaded only where it is needed: an installation for production has no servers of development. */
const privateBrokerOf = async (directory: string): Promise<string | null> => {
  if (!existsSync(directory)) return null;
  const { runningNatsServerUrl } = await import("../nats-server-directory.ts");
  return runningNatsServerUrl(directory);
};
