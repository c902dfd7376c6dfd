import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  ErrorCode,
  type NatsConnection,
} from "nats";
import { apiErrorOf, hasCode, isPassing, reasonOf } from "./errors.ts";
import { NatsConnectError, type NatsOptions } from "./options.ts";
import { parseServers } from "./servers.ts";

const RETRY_MS = 250;
/** What a dead letter and the headers add to a message: the errors, names, trace context. */
const ROOM_AROUND_A_MESSAGE = 65_536;

/**
 * Connects, as `name`, and makes sure that there is JetStream. `place` tells where, without credentials. What the broker
 * answers comes under `_INBOX_<name>.>`.
 */
export const openConnection = async (
  options: NatsOptions,
  name: string,
): Promise<{ connection: NatsConnection; place: string }> => {
  const { connectTimeoutMs = 10_000, tls } = options;
  const servers = parseServers(options.servers);
  const place = servers.hosts.join(", ");
  const authenticator = await authenticatorOf(options);
  for (const path of [tls?.caFile, tls?.certFile, tls?.keyFile])
    if (path !== undefined) await readable(path, "PEM file");
  const settings: ConnectionOptions = {
    servers: [...servers.hosts],
    name,
    // Of its own, so that a user can be allowed to hear what it is answered, and nothing that others are.
    inboxPrefix: `_INBOX_${name.replaceAll(/[^A-Za-z0-9_-]/g, "-")}`,
    user: options.user ?? servers.user,
    pass: options.pass ?? servers.pass,
    token: options.token ?? servers.token,
    ...(authenticator && { authenticator }),
    ...(tls || servers.tls ? { tls: tls ?? {} } : {}),
    // Else each publish makes a stack trace, which costs more than the publish.
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    // A broker that restarts may refuse everybody for a moment; giving up would need a restart of this process.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    reconnectJitterTLS: 250,
    pingInterval: 10_000,
    maxPingOut: 2,
  };
  const deadline = Date.now() + connectTimeoutMs;
  for (;;) {
    try {
      const connection = await connect({ ...settings, timeout: Math.max(100, Math.min(2_000, deadline - Date.now())) });
      await closingOnFailure(connection, async () => {
        await assertJetStream(connection, place);
        assertRoom(connection, place, options.maxMessageBytes);
      });
      return { connection, place };
    } catch (error) {
      const final = finalFailure(error, place);
      if (final) throw final;
      if (Date.now() + RETRY_MS > deadline) throw lastFailure(error, place, connectTimeoutMs, settings.tls != null);
      await pause(RETRY_MS);
    }
  }
};

const authenticatorOf = async (options: NatsOptions): Promise<Authenticator | null> => {
  const { credentials, credentialsFile } = options;
  if (credentials !== undefined) return credsAuthenticator(new TextEncoder().encode(credentials));
  if (credentialsFile === undefined) return null;
  let latest = await readable(credentialsFile, ".creds file");
  if (!latest.includes("BEGIN NATS USER JWT") || !latest.includes("SEED")) {
    const message = `${credentialsFile} is no .creds file: expected a NATS user JWT and the seed of its key.`;
    throw new NatsConnectError("NATS_FILE_UNUSABLE", message);
  }
  return credsAuthenticator(() => {
    try {
      latest = readFileSync(credentialsFile);
    } catch {
      // Being replaced, or gone: what it held may still do.
    }
    return latest;
  });
};

const readable = async (path: string, what: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NatsConnectError("NATS_FILE_UNUSABLE", `The ${what} ${path} cannot be read: ${reason}`, error);
  }
};

const closingOnFailure = async (connection: NatsConnection, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    await connection.close();
    throw error;
  }
};

const NOT_ENABLED = 10_076;
const NOT_ENABLED_FOR_ACCOUNT = 10_039;

const assertJetStream = async (connection: NatsConnection, place: string): Promise<void> => {
  try {
    await connection.jetstreamManager();
  } catch (error) {
    const code = apiErrorOf(error);
    const refused = code === NOT_ENABLED || code === NOT_ENABLED_FOR_ACCOUNT;
    // A cluster that comes up is silent, or says that it is not available, but its nodes know that they have it.
    const starting = connection.info?.jetstream === true && !refused;
    if (starting || (isPassing(error) && !hasCode(error, ErrorCode.JetStreamNotEnabled) && !refused)) throw error;
    const message = `NATS at ${place} has no JetStream for this account: start it with JetStream (nats-server -js).`;
    throw new NatsConnectError("NATS_WITHOUT_JETSTREAM", message, error);
  }
};

const assertRoom = ({ info }: NatsConnection, place: string, maxMessageBytes: number | undefined): void => {
  if (maxMessageBytes === undefined || info === undefined) return;
  const needed = maxMessageBytes + ROOM_AROUND_A_MESSAGE;
  if (info.max_payload >= needed) return;
  throw new NatsConnectError(
    "NATS_MAX_PAYLOAD_TOO_SMALL",
    `NATS at ${place} takes ${info.max_payload} bytes at a time, and messages of NATS_MAX_MESSAGE_BYTES=${maxMessageBytes} need ${needed}, so that they fit into a dead letter: raise max_payload there, or lower NATS_MAX_MESSAGE_BYTES here.`,
  );
};

/** What no repetition mends; null where the next try may succeed. */
const finalFailure = (error: unknown, place: string): NatsConnectError | null => {
  if (error instanceof NatsConnectError) return error;
  if (isRefusal(error))
    return new NatsConnectError("NATS_REFUSED_CREDENTIALS", `NATS at ${place} refused the credentials.`, error);
  const tlsProblem = tlsProblemOf(error);
  if (tlsProblem === null) return null;
  const message = `NATS at ${place} and this process could not agree on TLS: ${tlsProblem}. Look at NATS_TLS_CA_FILE, NATS_TLS_CERT_FILE and NATS_TLS_KEY_FILE, and at the names in the server's certificate.`;
  return new NatsConnectError("NATS_TLS_FAILED", message, error);
};

const lastFailure = (error: unknown, place: string, withinMs: number, overTls: boolean): NatsConnectError => {
  const reason = reasonOf(error);
  if (isPassing(error) && apiErrorOf(error) !== undefined) {
    const message = `JetStream at ${place} was not ready within ${withinMs} ms (${reason}). Is a majority of its nodes up?`;
    return new NatsConnectError("NATS_JETSTREAM_NOT_READY", message, error);
  }
  const hungUp = overTls
    ? " One that does not accept our certificate, or misses one, hangs up without a word: look at NATS_TLS_CERT_FILE and at its log."
    : "";
  return new NatsConnectError(
    "NATS_UNREACHABLE",
    `No NATS server answered at ${place} within ${withinMs} ms (${reason}). Is it running, and is the address right?${hungUp}`,
    error,
  );
};

const isRefusal = (error: unknown): boolean =>
  [
    ErrorCode.AuthorizationViolation,
    ErrorCode.BadAuthentication,
    ErrorCode.BadCreds,
    ErrorCode.AuthenticationExpired,
  ].some((code) => hasCode(error, code));

/** OpenSSL's and Node's codes of a certificate that is not believed, not given, or not for this host. */
const TLS_CODE =
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|ERR_CRYPTO_)/;

const tlsProblemOf = (error: unknown): string | null => {
  for (let cause = error; cause instanceof Error; cause = "chainedError" in cause ? cause.chainedError : cause.cause) {
    if (
      "code" in cause &&
      typeof cause.code === "string" &&
      (TLS_CODE.test(cause.code) || cause.code === ErrorCode.Tls)
    )
      return cause.message;
  }
  return null;
};
