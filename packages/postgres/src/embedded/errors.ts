export type EmbeddedPostgresErrorCode =
  | "DATA_DIR_UNWRITABLE"
  | "DATA_DIR_CORRUPT"
  /** Another live process runs a server in it. */
  | "DATA_DIR_IN_USE"
  | "START_FAILED";

/** The message says what is wrong, where, and what to do about it. */
export class EmbeddedPostgresError extends Error {
  readonly code: EmbeddedPostgresErrorCode;

  constructor(code: EmbeddedPostgresErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EmbeddedPostgresError";
    this.code = code;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The `code` of an error from the operating system, such as `EACCES`. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
