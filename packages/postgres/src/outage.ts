/**
 * Whether the error says that the database cannot be used now, whatever it is asked: it is away, starting, stopping,
 * full, or does not let this service in. Errors that wrap it as their `cause` count too, as Drizzle's do.
 */
export const isOutage = (error: unknown): boolean => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") {
      return "severity" in cause ? isOutageState(cause.code) : CONNECTION_FAILURES.has(cause.code);
    }
  }
  return false;
};

/**
 * What an outage means for the work that met it: "undone" where nothing of it was committed, since it was never connected
 * or its transaction had not come to its commit; "unknown" where it may have been. Null for an error that is no outage.
 */
export const outageOf = (error: unknown): "undone" | "unknown" | null => {
  if (!isOutage(error)) return null;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (undone.has(cause)) return "undone";
    if ("code" in cause && typeof cause.code === "string" && NEVER_CONNECTED.has(cause.code)) return "undone";
  }
  return "unknown";
};

/** Marks what a transaction failed with before its commit, which nothing of it survives. */
export const noteUndone = (error: unknown): void => {
  if (error instanceof Error) undone.add(error);
};

const undone = new WeakSet<Error>();

/** Of the codes below those that come before any statement: not there, starting, or not letting in. */
const NEVER_CONNECTED = new Set([
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "EAI_AGAIN",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "28000",
  "28P01",
  "3D000",
  "53300",
  "57P03",
]);

/** From postgres.js, or from the socket; where a name has several addresses Node.js gives the code to the sum of errors. */
const CONNECTION_FAILURES = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** 08 connection, 28 not let in, 53 out of disk, memory or connections, 58 the system's own failure. */
const OUTAGE_CLASSES = new Set(["08", "28", "53", "58"]);

const OUTAGE_STATES = new Set([
  // A standby, or a primary that became one.
  "25006",
  // No such database: it is being restored.
  "3D000",
  // A lock that another does not give back, whose client may be gone: of that the statement can do nothing.
  "55P03",
  // Shut down, crashed, not ready, dropped, idle for too long.
  "57P01",
  "57P02",
  "57P03",
  "57P04",
  "57P05",
]);

const isOutageState = (state: string): boolean => OUTAGE_CLASSES.has(state.slice(0, 2)) || OUTAGE_STATES.has(state);
