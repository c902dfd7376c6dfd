import type { Logger } from "@supergraph/service";
import type { Generation } from "./generations/generation.ts";
import type { OperationRecord } from "./operation-record.ts";

export interface LoggedOperation {
  readonly record: OperationRecord;
  /** Of the HTTP response. */
  readonly status: number;
  readonly seconds: number;
  readonly correlationId: string;
  readonly traceId: string;
  readonly generation: Pick<Generation, "number">;
}

/** One line a request: what was asked, what came of it and how long it took. No variables, no tokens, nobody's data. */
export const logOperation = (
  log: Logger,
  { record, status, seconds, correlationId, traceId, generation }: LoggedOperation,
): void => {
  const line = {
    correlationId,
    traceId,
    operation: { type: record.kind, name: record.name },
    status,
    ms: Math.round(seconds * 1e5) / 100,
    fetches: record.fetches,
    generation: generation.number,
    ...(record.errorCodes.size > 0 ? { errors: [...record.errorCodes] } : {}),
  };
  if (status >= 500) log.error(line, "operation");
  else log.info(line, "operation");
};
