/** The command, its configuration or what it points to is not as it must be. The message is for a person; the exit code is 3. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
