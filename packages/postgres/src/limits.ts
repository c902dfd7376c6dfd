/** How long a connection may make others wait, milliseconds; 0 for as long as it takes. */
export interface ConnectionLimits {
  /** What one statement may take, waits for locks included; Postgres then cancels it (SQLSTATE 57014). 15 s unless given. */
  readonly statementMs: number;
  /** What one wait for a lock may take; Postgres then gives the statement up (55P03). 10 s unless given. */
  readonly lockMs: number;
  /** How long a transaction may hold its locks and do nothing; Postgres then ends its session. 15 s unless given. */
  readonly idleInTransactionMs: number;
  /**
   * How long nothing may come while an answer is owed; the connection is then given up, and what waits for it rejects.
   * Has to be longer than `statementMs`, since Postgres says nothing while it works. 5 s longer unless given.
   */
  readonly unansweredMs: number;
}

const DEFAULT_STATEMENT_MS = 15_000;
const DEFAULT_LOCK_MS = 10_000;
const DEFAULT_IDLE_IN_TRANSACTION_MS = 15_000;
const UNANSWERED_LONGER_BY_MS = 5_000;

/** For migrations and maintenance, whose statements take what they take. */
export const NO_LIMITS: ConnectionLimits = { statementMs: 0, lockMs: 0, idleInTransactionMs: 0, unansweredMs: 0 };

/** @throws RangeError when a connection would be given up while its statement may still run. */
export const connectionLimits = ({
  statementMs = DEFAULT_STATEMENT_MS,
  lockMs = DEFAULT_LOCK_MS,
  idleInTransactionMs = DEFAULT_IDLE_IN_TRANSACTION_MS,
  unansweredMs = statementMs === 0 ? 0 : statementMs + UNANSWERED_LONGER_BY_MS,
}: Partial<ConnectionLimits> = {}): ConnectionLimits => {
  const limits = { statementMs, lockMs, idleInTransactionMs, unansweredMs };
  for (const [name, value] of Object.entries(limits))
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`${name} must be whole milliseconds, or 0 for no limit; got ${value}.`);
  if (unansweredMs > 0 && (statementMs === 0 || statementMs >= unansweredMs))
    throw new RangeError(
      `unansweredMs, ${unansweredMs}, must be longer than statementMs, ${statementMs || "unlimited"}: a statement that runs is not answered.`,
    );
  return limits;
};

/** Seconds without a word after which either side asks the other whether it is still there. */
export const KEEP_ALIVE_SECONDS = 10;

interface SessionParameters {
  readonly [name: string]: string;
}

/**
 * What Postgres is told when a connection opens. All values are text: postgres.js leaves out a 0, and what the role or
 * the server has set would then hold.
 */
export const sessionParameters = (limits: ConnectionLimits): SessionParameters => ({
  statement_timeout: String(limits.statementMs),
  lock_timeout: String(limits.lockMs),
  idle_in_transaction_session_timeout: String(limits.idleInTransactionMs),
  // A client that is gone without a word, while Postgres waits for it (keep-alive) or sends to it (user timeout).
  tcp_keepalives_idle: String(KEEP_ALIVE_SECONDS),
  tcp_keepalives_interval: "2",
  tcp_keepalives_count: "5",
  tcp_user_timeout: "20000",
});
