/**
 * Why no subgraph was made. Nothing has been written, or what was has been taken back; the message is for a person and says
 * what to do.
 */
export class NewSubgraphError extends Error {
  override readonly name = "NewSubgraphError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type ErrorCode =
  /** A name, or a prefix of ids, has not the shape that it must have. */
  | "INVALID_NAME"
  /** A subgraph, a type, a field or a prefix of ids is there already. */
  | "NAME_TAKEN"
  /** The folder of the new subgraph is there already, with something in it. */
  | "FOLDER_NOT_EMPTY"
  /** What should get the new field is no entity with the key `id`. */
  | "UNKNOWN_ENTITY"
  /** A file of the repository is not as it must be to be extended. */
  | "UNEXPECTED_FILE"
  /** A command that completes what was generated has failed. */
  | "STEP_FAILED";
