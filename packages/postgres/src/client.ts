import postgres from "postgres";
import { arrayTypes } from "./array-types.ts";
import { createConnectionSockets } from "./connection-socket.ts";
import { type ConnectionLimits, KEEP_ALIVE_SECONDS, sessionParameters } from "./limits.ts";
import { guardTransactions } from "./transaction-guard.ts";

export interface ClientOptions {
  readonly max: number;
  /** Seconds after which a connection that is not used is closed; 0 for never. */
  readonly idleTimeoutSeconds: number;
  readonly connectTimeoutSeconds: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly limits: ConnectionLimits;
  /** Ends the session, in Postgres itself, when it is sent nothing for so long; never unless given. Postgres 14 or newer. */
  readonly idleSessionTimeoutMs?: number | undefined;
  readonly onClose?: (() => void) | undefined;
}

/**
 * A client of postgres.js that outlives a database that goes away: by itself, postgres.js 3.4.9 then ends the process or
 * leaves connections that never work again. A link that falls silent costs what `limits` allows: what waits for an answer
 * then rejects, Postgres gives back the locks, and the next query gets a new connection. Every client of this package comes from here.
 */
export const openClient = (url: string, options: ClientOptions): postgres.Sql => {
  const { limits, idleSessionTimeoutMs, onClose } = options;
  const client = postgres(url, {
    max: options.max,
    idle_timeout: options.idleTimeoutSeconds,
    // A session that holds a lock must not be recycled.
    ...(options.idleTimeoutSeconds === 0 ? { max_lifetime: null } : {}),
    connect_timeout: options.connectTimeoutSeconds,
    keep_alive: KEEP_ALIVE_SECONDS,
    connection: {
      application_name: options.applicationName,
      ...sessionParameters(limits),
      ...(idleSessionTimeoutMs ? { idle_session_timeout: idleSessionTimeoutMs } : {}),
    },
    backoff: reconnectDelaySeconds,
    onnotice: () => undefined,
    ...(onClose ? { onclose: () => onClose() } : {}),
    fetch_types: false,
    types: arrayTypes,
    ...createConnectionSockets(limits),
  });
  return guardTransactions(client);
};

/** postgres.js waits up to 20 s by itself, which would keep a service down long after its database is back. */
const reconnectDelaySeconds = (attempt: number): number => Math.min(0.05 * 2 ** attempt, 1);
