import type { HandedSpan, Logger, OperationKind, Viewer } from "@supergraph/service";

/** What is known of one client request, from its HTTP head to its last fetch. */
export interface RequestContext {
  readonly viewer: Viewer | null;
  readonly correlationId: string;
  /** Of the client's request; calls of subgraphs are below it. */
  readonly span: HandedSpan;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** True for `application/graphql-response+json`, whose status codes may tell of GraphQL errors. */
  readonly statusTellsErrors: boolean;
  /** To be told what the request asks for, once that is known. */
  readonly tellOperation: (kind: OperationKind) => void;
  readonly log: Logger;
}
