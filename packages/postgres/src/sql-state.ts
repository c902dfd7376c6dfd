/** The SQLSTATE of an error from a query, wrapped by Drizzle or not; undefined for an error that Postgres did not send. */
export const sqlStateOf = (error: unknown): string | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && "severity" in cause) return cause.code;
  }
  return undefined;
};
