import type { GraphQLFormattedError } from "graphql";
import { isJsonObject } from "../executor/json.ts";
import { blamesRouter } from "../subgraph-failures.ts";
import { type Failed, type Outcome, ofSent, type SubgraphFetch, type SubgraphResponse } from "./call.ts";

/** Names in lower case; several values where a header came several times. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What the head of a response says of its body. */
export interface ResponseHead {
  readonly status: number;
  readonly type: string;
  /** Why the body is not worth reading; null when it may be a GraphQL response. */
  readonly problem: string | null;
  /** As the subgraph asks for; null where it does not. */
  readonly retryAfterMs: number | null;
  /** Of the body, worth reading or not. */
  readonly maxBytes: number;
}

/** A response as it came. */
export interface Reply {
  readonly head: ResponseHead;
  /** Null when there is none that can be read: then `problem` says why. */
  readonly text: string | null;
  readonly problem: string | null;
}

/** A body that is not read is let in up to here: it is cheaper than a new connection. */
const MAX_UNREAD_BYTES = 16_384;

const GRAPHQL_TYPE = /^application\/(?:graphql-response\+)?json[ \t]*(?:;|$)/i;

export const readHead = (status: number, headers: ResponseHeaders, maxBytes: number): ResponseHead => {
  const type = first(headers["content-type"]) ?? "";
  const problem = problemOf(type, first(headers["content-encoding"]));
  const retryAfter = first(headers["retry-after"]);
  return {
    status,
    type,
    problem,
    retryAfterMs: retryAfter === undefined ? null : readRetryAfter(retryAfter),
    maxBytes: problem ? Math.min(maxBytes, MAX_UNREAD_BYTES) : maxBytes,
  };
};

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

const problemOf = (type: string, encoding: string | undefined): string | null => {
  if (!GRAPHQL_TYPE.test(type)) return "no GraphQL response";
  return encoding === undefined || encoding.toLowerCase() === "identity"
    ? null
    : "encoded, although no encoding is accepted";
};

const MAX_RETRY_AFTER_MS = 3_600_000;

/** Seconds, or a date such as `Wed, 21 Oct 2026 07:28:00 GMT`. */
const readRetryAfter = (value: string): number | null => {
  const isDate = /^[A-Z][a-z]{2}, /.test(value);
  if (!isDate && !/^\d{1,9}$/.test(value)) return null;
  const milliseconds = isDate ? Date.parse(value) - Date.now() : Number(value) * 1_000;
  return Number.isNaN(milliseconds) ? null : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, milliseconds));
};

/** Of a gateway in front of a subgraph that is away, or of one that has too much to do. */
const MAY_REPEAT: ReadonlySet<number> = new Set([502, 503, 504]);

/** What a response says of the fetch. */
export const outcomeOf = ({ head, text, problem }: Reply, fetch: SubgraphFetch): Outcome => {
  const { status, type, retryAfterMs } = head;
  const response = text === null ? undefined : readResponse(text);
  if (text === null || !response) {
    const failure = status >= 500 ? "SUBGRAPH_UNAVAILABLE" : "SUBGRAPH_INVALID_RESPONSE";
    // A proxy's 3xx and 4xx say that the request went no further; its 5xx says nothing.
    const isRefusal = status >= 300 && status < 500;
    return failed(isRefusal ? failure : ofSent(fetch, failure), {
      health: status >= 500 ? "ill" : "alive",
      mayRepeat: !fetch.isMutation && MAY_REPEAT.has(status),
      retryAfterMs,
      detail: { statusCode: status, type, reason: problem ?? "no GraphQL response" },
    });
  }
  const blaming = response.errors?.find((error) => blamesRouter(error, status));
  if (!blaming) return { kind: "answered", response, text };
  return failed("SUBGRAPH_INVALID_RESPONSE", {
    health: "alive",
    mayRepeat: false,
    retryAfterMs: null,
    detail: { statusCode: status, reason: blaming.message },
  });
};

const failed = (failure: Failed["failure"], rest: Omit<Failed, "kind" | "failure">): Failed => ({
  kind: "failed",
  failure,
  ...rest,
});

/** Reads the envelope alone: what is within `data` is for the executor to judge. Undefined for anything else. */
export const readResponse = (text: string): SubgraphResponse | undefined => {
  const value = parse(text);
  if (!isJsonObject(value)) return undefined;
  const { data, errors } = value;
  if (data !== undefined && data !== null && !isJsonObject(data)) return undefined;
  if (errors === undefined || errors === null) return data === undefined ? undefined : { data };
  if (!Array.isArray(errors)) return undefined;
  const told: GraphQLFormattedError[] = [];
  for (const error of errors as readonly unknown[]) {
    const read = readError(error);
    if (!read) return undefined;
    told.push(read);
  }
  if (told.length === 0) return data === undefined ? undefined : { data };
  return data === undefined ? { errors: told } : { data, errors: told };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readError = (error: unknown): GraphQLFormattedError | undefined => {
  if (!isJsonObject(error)) return undefined;
  const { message, path = null, extensions = null } = error;
  if (typeof message !== "string") return undefined;
  if (path !== null && !isPath(path)) return undefined;
  if (extensions !== null && !(isJsonObject(extensions) && isShallow(extensions, MAX_DEPTH))) return undefined;
  return { message, ...(path ? { path } : {}), extensions: extensions ?? {} };
};

const isPath = (value: unknown): value is readonly (string | number)[] =>
  Array.isArray(value) && value.every((segment) => typeof segment === "string" || typeof segment === "number");

/** What nests deeper could not be written again: `JSON.stringify` has a stack. */
const MAX_DEPTH = 100;

const isShallow = (value: unknown, depth: number): boolean => {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((one) => isShallow(one, depth - 1));
};
