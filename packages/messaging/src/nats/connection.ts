import { setTimeout as pause } from "node:timers/promises";
import { type ConnectionOptions, connect, credsAuthenticator, ErrorCode, type NatsConnection } from "nats";
import { hasCode } from "./errors.ts";
import { NatsConnectError, type NatsOptions } from "./options.ts";
import { parseServers } from "./servers.ts";

/** Connects, as `name`, and makes sure that there is JetStream. `place` tells where, without credentials. */
export const openConnection = async (
  options: NatsOptions,
  name: string,
): Promise<{ connection: NatsConnection; place: string }> => {
  const { connectTimeoutMs = 10_000, credentials, tls } = options;
  const servers = parseServers(options.servers);
  const place = servers.hosts.join(", ");
  const settings: ConnectionOptions = {
    servers: [...servers.hosts],
    name,
    user: options.user ?? servers.user,
    pass: options.pass ?? servers.pass,
    token: options.token ?? servers.token,
    ...(credentials === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
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
      await assertJetStream(connection, place);
      return { connection, place };
    } catch (error) {
      if (error instanceof NatsConnectError) throw error;
      if (isRefusal(error)) {
        throw new NatsConnectError("NATS_REFUSED_CREDENTIALS", `NATS at ${place} refused the credentials.`, error);
      }
      if (Date.now() + 250 > deadline) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new NatsConnectError(
          "NATS_UNREACHABLE",
          `No NATS server answered at ${place} within ${connectTimeoutMs} ms (${reason}). Is it running, and is the address right?`,
          error,
        );
      }
      await pause(250);
    }
  }
};

const assertJetStream = async (connection: NatsConnection, place: string): Promise<void> => {
  try {
    await connection.jetstreamManager();
  } catch (error) {
    await connection.close();
    if (hasCode(error, ErrorCode.Timeout)) throw error;
    const message = `NATS at ${place} has no JetStream for this account: start it with JetStream (nats-server -js).`;
    throw new NatsConnectError("NATS_WITHOUT_JETSTREAM", message, error);
  }
};

const isRefusal = (error: unknown): boolean =>
  [
    ErrorCode.AuthorizationViolation,
    ErrorCode.BadAuthentication,
    ErrorCode.BadCreds,
    ErrorCode.AuthenticationExpired,
  ].some((code) => hasCode(error, code));
