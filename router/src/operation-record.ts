import type { OperationKind } from "@supergraph/service";
import type { GraphQLError, OperationDefinitionNode } from "graphql";

/** What one request turns out to be about, filled in on its way: for the log, metrics and traces. */
export interface OperationRecord {
  /** "none" until it is known. */
  readonly kind: OperationKind;
  /** Its first 100 characters. */
  readonly name: string | null;
  /** Calls of subgraphs. */
  readonly fetches: number;
  /** Codes of the errors that are answered, each once. */
  readonly errorCodes: ReadonlySet<string>;
  /** Whether there is data beside the errors. */
  readonly isExecuted: boolean;
  tellOperation(operation: OperationDefinitionNode): void;
  tellFetch(): void;
  tellErrors(errors: readonly GraphQLError[]): void;
  tellExecuted(): void;
}

/** A client may give an operation a name of a megabyte, which is nobody's to keep in logs and metrics. */
const MAX_NAME = 100;

const NO_CODES: ReadonlySet<string> = new Set();

export const createOperationRecord = (): OperationRecord => new Filled();

/** A class, since there is one for each request. */
class Filled implements OperationRecord {
  kind: OperationKind = "none";
  name: string | null = null;
  fetches = 0;
  errorCodes = NO_CODES;
  isExecuted = false;
  tellOperation({ operation, name }: OperationDefinitionNode) {
    this.kind = operation;
    this.name = name ? name.value.slice(0, MAX_NAME) : null;
  }
  tellFetch() {
    this.fetches += 1;
  }
  tellErrors(errors: readonly GraphQLError[]) {
    if (errors.length === 0) return;
    this.errorCodes = new Set([
      ...this.errorCodes,
      ...errors.map(({ extensions: { code } }) => (typeof code === "string" ? code : "INTERNAL_SERVER_ERROR")),
    ]);
  }
  tellExecuted() {
    this.isExecuted = true;
  }
}
