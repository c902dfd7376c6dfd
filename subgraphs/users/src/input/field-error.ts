/** What is wrong with one input field, in words that continue "`field` …". */
export interface FieldError {
  /** Outermost first. */
  readonly path: readonly string[];
  readonly reason: string;
}

export type ReadResult<T> = { kind: "ok"; value: T } | { kind: "invalid"; errors: FieldError[] };
