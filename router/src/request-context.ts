import type { IncomingHttpHeaders } from "node:http";
import type { HandedSpan, Logger, Viewer } from "@supergraph/service";
import type { FetchTimings } from "./fetch-timings.ts";
import type { OperationRecord } from "./operation-record.ts";

/** What is known of one client request, from its HTTP head to its last fetch. */
export interface RequestContext {
  readonly viewer: Viewer | null;
  readonly correlationId: string;
  /** As the client sent them. */
  readonly clientHeaders: IncomingHttpHeaders;
  /** Of the client's request; calls of subgraphs are below it. */
  readonly span: HandedSpan;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** True but for plain `application/json`, whose status codes may not tell of GraphQL errors. */
  readonly statusTellsErrors: boolean;
  /** To be told what the request asks for and gets, once that is known. */
  readonly record: OperationRecord;
  /** Of who asked for the plan and may see it; null for others. */
  readonly timings: FetchTimings | null;
  readonly log: Logger;
}
